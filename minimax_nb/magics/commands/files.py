"""``%minimax files``: the files an account keeps at the provider, one way or the other."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minimax_nb.errors import GrammarError, MediaError, RequestInvalidError
from minimax_nb.magics.commands import COMMANDS
from minimax_nb.magics.context import Context
from minimax_nb.render.format import size

if TYPE_CHECKING:
    from minimax_nb.providers.account import AccountFile

SHOWN = 40
_HEADERS = ("file id", "name", "purpose", "size", "since", "kept until")
_ACTIONS = {"list": (), "get": ("save",), "upload": ("purpose", "name"), "delete": ("purpose", "yes")}


def run(context: Context, words: list[str], options: dict[str, Any]) -> None:
    """List the files; get, upload or delete one."""
    action, named = (words[0] if words else "list"), words[1:]
    if action not in _ACTIONS:
        from minimax_nb.catalog import nearest

        raise GrammarError(f"files {action}: list, get, upload or delete{nearest(action, _ACTIONS)}")
    if bool(named) != (action != "list"):
        raise GrammarError(f"usage: %minimax {COMMANDS['files'].usage}")
    allowed = (*_ACTIONS[action], "provider", *(("purpose",) if action == "list" else ()))
    for name in options:
        if name not in allowed:
            raise GrammarError(f"--{name} is not for files {action}")
    match action:
        case "list":
            _list(context, options)
        case "get":
            _get(context, named[0], options)
        case "upload":
            _upload(context, named[0], options)
        case _:
            _delete(context, named[0], options)


def _list(context: Context, options: dict[str, Any]) -> None:
    found = context.lab.files(options.get("purpose"), provider=options.get("provider"))
    if not found:
        context.show("No files: %minimax files upload PATH --purpose P puts one there.")
        return
    hidden = len(found) - SHOWN
    note = f"{hidden} more: lab.files()" if hidden > 0 else "%minimax files get FILE fetches one"
    context.table("Files of the account", _HEADERS, [_row(file) for file in found[:SHOWN]], note)


def _row(file: AccountFile) -> tuple[str, ...]:
    until = _date(file.expires_us) or "no term is stated"
    return (file.id, file.name, file.purpose, size(file.size), _date(file.created_us), until)


def _date(microseconds: int | None) -> str:
    return "" if microseconds is None else f"{datetime.fromtimestamp(microseconds / 1e6, UTC):%Y-%m-%d %H:%M}"


def _get(context: Context, file_id: str, options: dict[str, Any]) -> None:
    lab, provider = context.lab, options.get("provider")
    file = lab.file_info(file_id, provider=provider)
    target = _target(options.get("save"), Path(file.name).name or file.id)
    data = lab.file_content(file_id, provider=provider)
    try:
        with target.open("xb") as stream:
            stream.write(data)
    except OSError as error:
        raise MediaError(f"cannot write {target}: {error.strerror or error}") from None
    context.show(f"{file.name or file.id} ({size(len(data))}) is in {target}.")


def _target(given: str | None, name: str) -> Path:
    """Return where a file goes; nothing that is there is written over."""
    path = Path(given).expanduser() if given else Path(name)
    path = path / name if path.is_dir() else path
    if path.exists():
        raise RequestInvalidError(f"{path} is there already", hint="Name another place: --save PATH")
    return path


def _upload(context: Context, path: str, options: dict[str, Any]) -> None:
    purpose = options.get("purpose")
    if purpose is None:
        from minimax_nb.catalog import catalog

        rules = catalog().file_purposes(
            options.get("provider") or str(context.lab.settings.value("provider"))
        )
        known = [rule.name for rule in rules if rule.upload]
        raise GrammarError(f"--purpose is missing: {', '.join(known) or 'this provider keeps no files'}")
    file = context.lab.upload_file(path, purpose, name=options.get("name"), provider=options.get("provider"))
    context.show(f"{file.name} ({size(file.size)}) is file {file.id} of the account, for {file.purpose}.")


def _delete(context: Context, file_id: str, options: dict[str, Any]) -> None:
    if not options.get("yes"):
        raise RequestInvalidError(
            f"file {file_id} is not deleted: it cannot be brought back",
            hint=f"%minimax files delete {file_id} --yes deletes it",
        )
    gone = context.lab.delete_file(file_id, options.get("purpose"), provider=options.get("provider"))
    context.show(f"File {gone} is deleted.")
