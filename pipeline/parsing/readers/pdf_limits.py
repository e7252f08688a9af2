"""The limits within which pypdf reads, each with its reason, and a watch that notes every one that is hit.

pypdf goes on in silence behind some of its limits, with what it has. Here nothing of that kind passes for success: what
hits a limit while a page or the structure is read makes the document partial (pdf.py).

Sizes are in bytes, for a child of 1 GiB (parsing.memory_mb) that holds 60 MB before it reads anything.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from pypdf import Configuration
from pypdf.errors import LimitReachedError

from pipeline.outcomes import Code

# A4 at 600 dpi in colour, not compressed, is 104 MB. Such a stream is read, and never decoded: it shows no text.
_STORED_BYTES = 110_000_000
# Content, fonts and object streams. Of a content stream two decoded copies and its operations live at once; more than
# this is a drawing. Maps and plans of the corpora stay below 30 MB.
_DECODED_BYTES = 75_000_000
# Filters in a row: each may give _DECODED_BYTES to the next.
_WORK_BYTES = 4 * _DECODED_BYTES
# Operators and operands of one content stream: 2 million take 5 s and 300 MB. A dense page of text has 20,000.
_TOKENS = 2_000_000
# Entries of one array, dictionary, page tree, form or name tree. More than any document has pages; a flat page tree of
# so many pages takes 250 MB.
_ENTRIES = 100_000
# Parents above parents: producers balance their trees, which stay below 10.
_DEPTH = 100
# Metadata, which is not read; the limits stand for the day on which somebody does.
_METADATA_BYTES = 5_000_000

XREF_STREAM_ENTRIES = 1_000_000  # objects of one file: 200 MB (parsing.max_file_mb) at 200 bytes each
# Looked at for a catalogue that the trailer does not name. One that is not there is searched in the whole file: 1 ms
# in a small one. Where none is found, the table is rebuilt and the search begins anew.
ROOT_SEARCH_OBJECTS = 1_000

CONFIGURATION = Configuration(
    maximum_declared_stream_length=_STORED_BYTES,
    array_based_stream_maximum_output_length=_DECODED_BYTES,
    array_maximum_element_count=_ENTRIES,
    dictionary_maximum_element_count=_ENTRIES,
    jbig2_maximum_output_length=0,  # images are not decoded
    lzw_maximum_output_length=_DECODED_BYTES,
    run_length_maximum_output_length=_DECODED_BYTES,
    zlib_maximum_output_length=_DECODED_BYTES,
    zlib_maximum_recovery_input_length=5_000_000,  # decoded byte by byte where damaged: 2 s
    brotli_maximum_output_length=_DECODED_BYTES,
    flate_maximum_columns=250_000,  # of a row with a predictor; cross-reference streams have 10
    flate_maximum_row_length=4_000_000,  # 16 colours of 16 bits in a row of 125,000
    image_maximum_buffer_size=0,  # images are not decoded
    stream_filters_maximum_length=16,  # producers use 1 or 2
    stream_decoding_work_maximum_length=_WORK_BYTES,
    stream_parsing_work_maximum_count=_TOKENS,
    xmp_maximum_input_length=_METADATA_BYTES,
    xmp_maximum_element_count=_ENTRIES,
    outline_maximum_entries=_ENTRIES,
    outline_maximum_depth=_DEPTH,
    page_tree_maximum_entries=_ENTRIES,
    page_tree_maximum_depth=_DEPTH,
    page_tree_maximum_page_entries=20 * _ENTRIES,  # a page has 5 to 15 entries, each copied: 100 bytes
    form_fields_maximum_entries=_ENTRIES,
    form_fields_maximum_depth=_DEPTH,
    named_destinations_maximum_entries=_ENTRIES,
    named_destinations_maximum_depth=_DEPTH,
    xform_maximum_invocations_per_extraction=5_000,  # forms shown by one page; symbols of a plan come to hundreds
    xfa_decoding_work_maximum_length=_WORK_BYTES,
    jbig2dec_binary=None,  # the child may start no program
    page_merge_box="cropbox",  # pages are not merged
    disable_legacy_handling=True,  # we set no limits by the constants of older versions
)

# What pypdf only logs when it stops at a limit of its own.
LOGGED_LIMITS = frozenset(
    {
        "Exceeded %(limit)d form XObject invocations while extracting text; further form content is skipped.",
        "Detected cyclic form XObject reference, skipping %(operand)s.",
        "Value /N %(n)d for object %(stmnum)d exceeds maximum allowed value %(max_n)d. Limiting to %(max_n)d.",
        "Clamping XRef count from %(old_count)d to %(new_count)d to fit stream size.",
        "Token exceeds maximum length of %(max_bytes)d bytes.",
        "Ignoring too large LZW table index.",
    }
)
# What it only logs when it leaves out what it could not read, for whatever reason.
LOGGED_LOSSES = frozenset(
    {
        "Impossible to decode XFormObject %(operand)s: %(exception)s",
        "XRef object at %(xref_stm)d can not be read, some object may be missing",
        "Previous trailer cannot be read: %(args)s",
        "Invalid /N (%(n)d) or /First (%(first)d) in object stream %(stmnum)d; ignoring the stream.",
        "Invalid object number (%(objnum)d) or offset (%(offset)d) in object stream %(stmnum)d; skipping the entry.",
        "Expected StreamObject, got %(type_name)s instead. Data might be wrong.",
        "%(exception)s",  # the rest of a dictionary
        "%(exception)r",  # a key of a dictionary
    }
)
LOGGED_DAMAGE = "Error -"  # zlib's own words for a compressed stream of which the rest is lost
# What lies too deep for the stack, or takes too much memory, within a dictionary becomes this error.
LOGGED_ERROR = "Error reading PDF file."

_CYCLE = "Detected "  # a cycle or loop: the same error, for a structure that is damaged rather than large


class LimitWatch:
    """What was left unread, in silence or not, since the watch was last asked."""

    def __init__(self) -> None:
        self._limit = self._loss = False

    def limit(self) -> None:
        """A limit was hit."""
        self._limit = True

    def loss(self) -> None:
        """Something could not be read and was left out."""
        self._loss = True

    def taken(self) -> Code | None:
        """READER_LIMIT, else PAGES_FAILED, else None; the next answer is about what comes after."""
        limit, loss = self._limit, self._loss
        self._limit = self._loss = False
        return Code.READER_LIMIT if limit else Code.PAGES_FAILED if loss else None


@contextmanager
def watched() -> Iterator[LimitWatch]:
    """Note every limit that pypdf hits, whatever it then does about it.

    The error is noted when it is made, since pypdf catches some of them; what pypdf only logs is taken from its log,
    which is switched on for that and goes nowhere else. One watch at a time in a process.
    """
    watch = LimitWatch()
    made = LimitReachedError.__init__

    def noting(error: LimitReachedError, *details: object) -> None:
        if details and str(details[0]).startswith(_CYCLE):
            watch.loss()
        else:
            watch.limit()
        made(error, *details)

    log, silence = logging.getLogger("pypdf"), logging.root.manager.disable
    handler, propagates = _LimitLog(watch), log.propagate
    type.__setattr__(LimitReachedError, "__init__", noting)
    log.addHandler(handler)
    log.propagate = False
    logging.disable(logging.NOTSET)
    try:
        yield watch
    finally:
        logging.disable(silence)
        log.propagate = propagates
        log.removeHandler(handler)
        type.__setattr__(LimitReachedError, "__init__", made)


class _LimitLog(logging.Handler):
    """Looks at what pypdf logs, and keeps none of it: messages hold text of the document."""

    def __init__(self, watch: LimitWatch) -> None:
        super().__init__(logging.WARNING)
        self._watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        """Note a message that stands for a limit or a loss."""
        if record.msg in LOGGED_LIMITS:
            self._watch.limit()
        elif record.msg in LOGGED_LOSSES or record.msg.startswith(LOGGED_DAMAGE):
            told = record.args.get("exception") if isinstance(record.args, dict) else None
            if isinstance(told, RecursionError) or LOGGED_ERROR in str(told):
                self._watch.limit()
            else:
                self._watch.loss()
