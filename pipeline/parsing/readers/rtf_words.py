"""What the control words of RTF mean for text: characters, and groups that are part of it, stand apart, or are none."""

CHARACTERS = {
    "par": "\n", "line": "\n", "lbr": "\n", "softline": "\n", "column": "\n", "row": "\n", "nestrow": "\n",
    "tab": "\t", "cell": "\t", "nestcell": "\t",
    "emdash": "—", "endash": "–", "emspace": " ", "enspace": " ", "qmspace": " ", "bullet": "•",
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
}  # fmt: skip

# Groups whose text stands apart, and what becomes of it.
COLLECTED = {
    "footnote": "note", "annotation": "comment", "atnauthor": "author",
    "header": "header", "headerl": "header", "headerr": "header", "headerf": "header",
    "footer": "footer", "footerl": "footer", "footerr": "footer", "footerf": "footer",
    "shptxt": "box", "dptxbxtext": "box",
}  # fmt: skip

# Groups that readers of today know, though they are marked as to be ignored by others.
FOLLOWED = frozenset(
    {
        "shppict",
        "shpinst",
        "nesttableprops",
        "moMath",
        "moMathPara",
        "mmath",
        "mr",
        "do",
        "dptxbx",
        "background",
        "ebcstart",
    }
)

# Groups that hold no text of the document.
IGNORED = frozenset(
    {
        "aftncn", "aftnsep", "aftnsepc", "atnid", "atnref", "atntime", "atndate", "atnicn", "atnparent",
        "atrfstart", "atrfend", "bkmkstart", "bkmkend", "colortbl", "comment", "datafield", "falt", "fchars",
        "ffdeftext", "ffentrymcr", "ffexitmcr", "ffformat", "ffhelptext", "ffl", "ffname", "ffstattext", "file",
        "filetbl", "fldinst", "fldtype", "fname", "fontemb", "fontfile", "formfield", "ftncn", "ftnsep", "ftnsepc",
        "g", "generator", "info", "keycode", "latentstyles", "lchars", "leveltext", "levelnumbers", "lfolevel",
        "list", "listlevel", "listname", "listoverride", "listoverridetable", "listpicture", "liststylename",
        "listtable", "mbegChr", "mchr", "mendChr", "mhtmltag", "mmathPict", "msepChr", "mtype", "nonesttables",
        "nonshppict", "objalias", "objclass", "objdata", "objname", "objsect", "objtime", "panose", "password",
        "pgp", "pgptbl", "pict", "pn", "pnseclvl", "pntxta", "pntxtb", "private", "propname", "protend",
        "protstart", "revtbl", "rsidtbl", "rxe", "shprslt", "sn", "sp", "staticval", "stylesheet", "sv", "tc",
        "tcn", "template", "themedata", "txe", "upr", "userprops", "wgrffmtfilter", "xe", "xmlnstbl",
    }
)  # fmt: skip
