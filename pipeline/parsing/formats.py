"""The formats that are read: their names, the module that reads each, and the suffixes that its files bear. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """One format. `reader` is a module of readers/; a file whose name has another suffix is noted as misnamed."""

    name: str
    reader: str
    suffixes: tuple[str, ...]


_MARKUP = (
    ".xml", ".svg", ".xsd", ".xsl", ".xslt", ".rss", ".atom", ".kml", ".gpx", ".fodt", ".fods", ".fodp", ".xbrl",
)  # fmt: skip
_ALL = (
    Format("pdf", "pdf", (".pdf",)),
    Format("text", "text", (".txt", ".text", ".log", ".asc", ".srt", ".vtt", ".ini", ".conf", ".cfg", ".tex", "")),
    Format("markdown", "markdown", (".md", ".markdown", ".txt")),
    Format("html", "html", (".html", ".htm", ".xhtml", ".xht", ".mht", ".xml")),
    Format("csv", "table", (".csv", ".tsv", ".tab", ".txt")),
    Format("json", "json_text", (".json", ".jsonl", ".ndjson", ".geojson", ".ipynb", ".txt")),
    Format("xml", "xml_text", (*_MARKUP, ".txt")),
    Format("docx", "docx", (".docx", ".docm", ".dotx", ".dotm")),
    Format("pptx", "pptx", (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm")),
    Format("xlsx", "xlsx", (".xlsx", ".xlsm", ".xltx", ".xltm")),
    Format("xlsb", "xlsb", (".xlsb",)),
    Format("xls", "xls", (".xls", ".xlt", ".xla", ".xlw")),
    Format("ods", "ods", (".ods", ".ots", ".sxc")),
    Format("odt", "opendocument", (".odt", ".ott", ".odm")),
    Format("odp", "opendocument", (".odp", ".otp", ".odg")),
    Format("epub", "epub", (".epub",)),
    Format("rtf", "rtf", (".rtf", ".doc")),  # word processors save RTF under .doc
    Format("doc", "doc", (".doc", ".dot")),
    Format("ppt", "ppt", (".ppt", ".pps", ".pot")),
    Format("eml", "mail", (".eml", ".emlx", ".mht", ".mhtml", ".txt", "")),
    Format("mbox", "mbox", (".mbox", ".mbx", "")),
    Format("msg", "msg", (".msg",)),
    Format("p7m", "signed", (".p7m", ".p7s", ".p7c")),
    Format("zip", "zip_archive", (".zip",)),
    Format("tar", "tar_archive", (".tar", ".tgz", ".tbz2", ".txz", ".gz", ".bz2", ".xz")),
    Format("compressed", "compressed", (".gz", ".bz2", ".xz")),
    Format("png", "image", (".png",)),
    Format("jpeg", "image", (".jpg", ".jpeg", ".jpe", ".jfif")),
    Format("tiff", "image", (".tif", ".tiff")),
    Format("webp", "image", (".webp",)),
    Format("gif", "image", (".gif",)),
    Format("bmp", "image", (".bmp", ".dib")),
)
FORMATS = {one.name: one for one in _ALL}


def misnamed(name: str, suffix: str) -> bool:
    """Whether a file of the format `name` bears the suffix of another format. A suffix that says nothing is none."""
    if name not in FORMATS or suffix in FORMATS[name].suffixes:
        return False
    return suffix != "" and any(suffix in one.suffixes for one in _ALL)
