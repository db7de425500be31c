"""The look: inline styles by name.

Text takes the theme's own colour and is dimmed by ``opacity``; surfaces and lines are translucent
greys. So one set of values is right on light and on dark. Numbers are written ``0.66``, not ``.66``:
older sanitizers drop the short form.
"""

from __future__ import annotations

from types import MappingProxyType

_GREY = "rgba(127,127,127,{})"
_LINE = f"1px solid {_GREY.format('0.22')}"
_MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace"
_FONT = "font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif"
_CELL = "border:none;background:transparent;text-align:left;vertical-align:middle"

#: Dot, bar and border colours, readable on white and on #111.
TONES = MappingProxyType(
    {
        "good": "rgba(46,160,67,1)",
        "busy": "rgba(56,132,232,1)",
        "idle": "rgba(127,127,127,0.7)",
        "warn": "rgba(200,134,10,1)",
        "bad": "rgba(214,69,65,1)",
    }
)

STYLES = MappingProxyType(
    {
        "root": f"{_FONT};font-size:13px;line-height:1.5;max-width:1080px;margin:2px 0 4px",
        "card": f"border:{_LINE};border-radius:8px;padding:12px 14px",
        "card_bad": "border:1px solid rgba(214,69,65,0.4);border-left:3px solid rgba(214,69,65,0.75);"
        "border-radius:8px;padding:10px 14px;background:rgba(214,69,65,0.05)",
        "card_warn": "border:1px solid rgba(200,134,10,0.4);border-left:3px solid rgba(200,134,10,0.8);"
        "border-radius:8px;padding:10px 14px;background:rgba(200,134,10,0.05)",
        "beside": "display:flex;flex-wrap:wrap;gap:12px 22px;align-items:flex-start",
        "media_side": "flex:0 1 auto;min-width:0;max-width:100%",
        "text_side": "flex:1 1 300px;min-width:0;max-width:100%",
        "figure": "margin:0",
        "picture": f"display:block;max-width:100%;height:auto;border-radius:6px;background:{_GREY.format('0.1')}",
        "wave": "display:block;width:100%;height:56px;margin:0 0 4px",
        "audio": "display:block;width:100%",
        "audio_room": "width:440px;max-width:100%",
        "caption": "font-size:12px;line-height:1.45;opacity:0.66;margin:5px 0 0",
        "under": "font-size:12px;line-height:1.45;margin:5px 0 0",
        "small": "font-size:12px;line-height:1.45;margin:4px 0 0",
        "index": f"{_MONO};font-size:11px",
        "line": "margin:0",
        "strong": "font-weight:600",
        "mono": f"{_MONO};font-size:11.5px;opacity:0.66",
        "voice": f"{_MONO};font-size:12.5px;padding:1px 6px;border-radius:4px;background:{_GREY.format('0.14')}",
        "prompt": "margin:8px 0 0;white-space:pre-wrap;overflow-wrap:break-word",
        "dim": "opacity:0.66",
        "note": "margin:6px 0 0;font-size:12px;opacity:0.8;overflow-wrap:break-word",
        "extras": "display:flex;flex-wrap:wrap;align-items:flex-start;margin:8px 0 0",
        "details": "max-width:100%;min-width:0;margin:0 18px 2px 0",
        "summary": "cursor:pointer;font-size:12px;opacity:0.66",
        "pre": f"{_MONO};font-size:12px;line-height:1.5;margin:6px 0 4px;padding:8px 10px;border:none;"
        f"border-radius:6px;background:{_GREY.format('0.1')};white-space:pre-wrap;overflow-wrap:break-word",
        "below": "margin:10px 0 0",
        "link": "color:rgba(56,132,232,1);text-decoration:none",
        "headline": "margin:0;font-weight:600",
        "error": "margin:4px 0 0;overflow-wrap:break-word",
        "chip": "display:inline-block;font-size:11px;font-weight:400;line-height:16px;padding:0 7px;"
        f"border:1px solid {_GREY.format('0.45')};border-radius:9px;opacity:0.8;white-space:nowrap;"
        "vertical-align:middle",
        "dot": "display:inline-block;width:8px;height:8px;border-radius:50%;margin:0 8px 1px 0;vertical-align:middle",
        "gallery": "display:grid;gap:14px 12px;align-items:start;margin:8px 0 0",
        "cell": "min-width:0",
        "scroll": "overflow-x:auto",
        "inputs": "display:flex;flex-wrap:wrap;gap:8px 12px;align-items:flex-start;margin:6px 0 8px",
        "input": "font-size:12px;line-height:1.35;max-width:160px;overflow-wrap:anywhere",
        "input_picture": f"display:block;height:64px;width:auto;max-width:160px;border-radius:5px;margin:0 0 3px;"
        f"background:{_GREY.format('0.1')}",
        "table": "border-collapse:collapse;border:none;margin:0;table-layout:auto;font-size:13px;width:auto",
        "row": "background:transparent",
        "board_row": "display:flex;flex-wrap:wrap;gap:0 14px;align-items:center;padding:3px 0;white-space:nowrap",
        "board_end": "display:flex;gap:0 14px;align-items:center;margin:0 0 0 auto",
        "snippet": "flex:1 1 60px;min-width:0;overflow:hidden;text-overflow:ellipsis;opacity:0.66",
        "td_label": f"{_CELL};white-space:nowrap;vertical-align:top;padding:2px 20px 2px 0;opacity:0.66",
        "td_value": f"{_CELL};white-space:normal;overflow-wrap:anywhere;padding:2px 0",
        "th": f"{_CELL};white-space:nowrap;padding:3px 22px 4px 0;font-size:12px;font-weight:400;opacity:0.66;"
        f"border-bottom:{_LINE}",
        "list_td": f"{_CELL};vertical-align:top;white-space:pre-line;padding:4px 22px 4px 0;border-bottom:"
        f"1px solid {_GREY.format('0.12')}",
        "code": f"{_MONO};font-size:12px;white-space:nowrap",
        "track": f"display:inline-block;width:66px;height:4px;border-radius:2px;background:{_GREY.format('0.22')};"
        "vertical-align:middle;margin:0 10px 1px 0;overflow:hidden",
        "no_track": "display:inline-block;width:66px;margin:0 10px 0 0",
        "bar": "display:block;height:4px;border-radius:2px",
        "foot": f"margin:5px 0 0;padding:5px 0 0;border-top:{_LINE};font-size:12px",
        "title": "margin:0 0 5px;font-weight:600",
        "sweep_table": "border-collapse:collapse;border:none;margin:8px 0 0;table-layout:fixed;width:100%;"
        "font-size:13px",
        "sweep_corner": f"{_CELL};vertical-align:bottom;padding:3px 12px 6px 0;font-size:12px;font-weight:400;"
        "white-space:normal;opacity:0.66",
        "sweep_head": f"{_CELL};vertical-align:bottom;padding:3px 12px 6px 0;font-weight:600;white-space:normal;"
        "overflow-wrap:break-word",
        "sweep_side": f"{_CELL};vertical-align:top;padding:10px 12px 10px 0;font-weight:600;white-space:normal;"
        f"overflow-wrap:break-word;border-top:{_LINE}",
        "sweep_cell": f"{_CELL};vertical-align:top;padding:10px 12px 10px 0;white-space:normal;border-top:{_LINE}",
        "sweep_group": "margin:14px 0 0;font-weight:600",
        "sweep_label": "margin:0 0 5px;font-weight:600;overflow-wrap:break-word",
        "words": f"margin:0;padding:8px 14px;max-width:520px;border-radius:6px;background:{_GREY.format('0.1')};"
        "white-space:pre-wrap;overflow-wrap:break-word",
        "answer": "margin:8px 0 0;max-width:760px;font-size:14px;line-height:1.55;overflow-wrap:break-word",
        "thinking": "margin:6px 0 0;padding:0 0 0 10px;max-width:760px;opacity:0.66;font-size:12.5px;"
        f"white-space:pre-wrap;overflow-wrap:break-word;border-left:2px solid {_GREY.format('0.3')}",
        "said": "margin:6px 0 0;padding:6px 12px;max-width:736px;border-radius:8px;white-space:pre-wrap;"
        f"overflow-wrap:break-word;background:{_GREY.format('0.1')}",
        "md_p": "margin:0 0 8px",
        "md_list": "margin:0 0 8px;padding:0 0 0 24px",
        "md_rule": f"border:none;border-top:{_LINE};margin:10px 0",
        "md_quote": f"margin:0 0 8px;padding:0 0 0 12px;border-left:3px solid {_GREY.format('0.3')}",
        "md_code": f"{_MONO};font-size:12.5px;padding:1px 4px;border-radius:4px;background:{_GREY.format('0.14')}",
        "md_pre": f"{_MONO};font-size:12.5px;line-height:1.5;margin:0 0 8px;padding:8px 12px;border:none;"
        f"border-radius:6px;background:{_GREY.format('0.1')};overflow-x:auto;white-space:pre",
        "md_plain": f"{_MONO};font-size:12.5px;padding:0;border:none;background:transparent;white-space:pre",
        "md_table": "border-collapse:collapse;border:none;margin:0 0 8px;table-layout:auto;font-size:13px;width:auto",
        "md_th": f"{_CELL};padding:3px 18px 4px 0;font-weight:600;border-bottom:{_LINE}",
        "md_td": f"{_CELL};vertical-align:top;padding:4px 18px 4px 0;border-bottom:1px solid {_GREY.format('0.12')}",
    }
)
