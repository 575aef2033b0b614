"""Every limit in one place, with its unit and its reason. All input is treated as hostile."""

from __future__ import annotations

from typing import Final

# --- reading ---------------------------------------------------------------------------------------------------------

# Bytes. A year of one columnist is about 1 MB, so a larger "article" is a mistake or an attack.
MAX_FILE_BYTES: Final = 50_000_000
# Bytes. The largest news pages are about 3 MB; the standard parser can be made slow by broken markup, so keep it short.
MAX_HTML_BYTES: Final = 5_000_000
# Bytes. Stripping Markdown takes several passes, and hand-written text is never this long.
MAX_MARKDOWN_BYTES: Final = 5_000_000
# Characters in one document. The longest magazine articles have about 150,000.
MAX_DOCUMENT_CHARACTERS: Final = 1_000_000
# Characters of an address or the name of an outlet; browsers take no longer addresses.
MAX_FIELD_CHARACTERS: Final = 2_000
# Bytes in a JSON line, characters in a CSV row: a full document, each character escaped as six, plus other fields.
MAX_ROW: Final = 8_000_000
# Bytes, uncompressed, of one Parquet row group; a small file can declare a huge one.
MAX_ROW_GROUP_BYTES: Final = 1_000_000_000
# Rows taken from a Parquet file at a time; with documents of the longest kind this stays near 100 MB.
PARQUET_BATCH_ROWS: Final = 64
# Bytes looked at to tell text from binary.
SNIFFED_BYTES: Final = 8_192
# Share of control characters among those bytes above which a file is taken for binary: half of what bytes drawn at random have.
MAX_CONTROL_SHARE: Final = 0.05
# Folders below the one given. Real archives stay under ten; deeper trees are made to exhaust something.
MAX_FOLDER_DEPTH: Final = 40

# --- judging ---------------------------------------------------------------------------------------------------------

# Seconds of the processor that a document may take on the command line; the longest kind takes some ten.
DOCUMENT_SECONDS: Final = 120
# Words below which a text is not judged: rates per word are noise.
MIN_WORDS: Final = 40
# Words below which a verdict is given but marked as weak.
WEAK_WORDS: Final = 80
# Documents scored together: classifiers are a thousand times faster in batches, and results still arrive steadily.
BATCH_DOCUMENTS: Final = 256
# Characters scored together, so that a batch of very long documents does not fill the memory.
BATCH_CHARACTERS: Final = 8_000_000

# --- comparing -------------------------------------------------------------------------------------------------------

# Documents compared at once: their vectors are held together, about 20 kB each.
MAX_COMPARED_DOCUMENTS: Final = 50_000
# Characters compared at once; analysed text takes about 30 bytes a character.
MAX_COMPARED_CHARACTERS: Final = 200_000_000

# --- archives --------------------------------------------------------------------------------------------------------

# Articles, and characters of them, that one commit makes last: a commit takes a fifth of a second, and this much is lost at most
# if the process is killed.
COMMIT_ARTICLES: Final = 2_000
COMMIT_CHARACTERS: Final = 16_000_000
# Bytes of a manifest; ours have about 150.
MAX_MANIFEST_BYTES: Final = 10_000

# --- translating -----------------------------------------------------------------------------------------------------

# Characters of one sentence; the packaged engine's output falls apart in longer ones.
MAX_TRANSLATED_CHARACTERS: Final = 1_000
# Sentences translated between two writes to the cache: about ten seconds of work on one core.
ENGINE_BATCH_SENTENCES: Final = 64
# Seconds that an external engine may take for one batch; a neural one without a graphics card needs about a minute.
ENGINE_SECONDS: Final = 600
# Documents scored together where an engine rescores them, a second or two each: the first results come within seconds.
RESCORING_BATCH_DOCUMENTS: Final = 4

# --- reporting -------------------------------------------------------------------------------------------------------

# Seconds of finished results that a hard stop may cost: each commit waits for the disk.
RECORD_SECONDS: Final = 1.0
# Inputs without a verdict that are named at the end of a run; more scroll the summary away, and the output has them all.
MAX_LISTED_FAILURES: Final = 20
# Columns. Narrower terminals get the table of the narrowest width, and wrap.
MIN_TABLE_WIDTH: Final = 60
# Columns used when the output is not a terminal.
DEFAULT_WIDTH: Final = 120
# Columns. Running text is hard to read in longer lines.
MAX_TEXT_WIDTH: Final = 96
# Seconds of work before progress is reported where it is not overwritten in place.
QUIET_SECONDS: Final = 2.0
# Seconds between lines of progress in a log, and between updates on a terminal.
PROGRESS_LOG_SECONDS: Final = 10.0
PROGRESS_TERMINAL_SECONDS: Final = 0.2
