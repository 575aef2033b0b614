from importlib.resources import files

import pytest

from retold.text.word_lists import closed_class_words, content_light_verbs, function_words, parse_table, read_tables

# Counted from news by a command, not written by hand; their comment names the command.
COUNTED = {"idiom_forms.tsv", "kept_apart.tsv"}


def test_every_curated_list_names_its_source_and_licence_first():
    folder = files("retold") / "data"
    lists = [
        path for path in [*folder.iterdir(), *(folder / "lexicon").iterdir()] if path.name.endswith((".txt", ".tsv"))
    ]
    assert len(lists) > 15
    for path in lists:
        if path.name not in COUNTED:
            assert path.read_text(encoding="utf-8").startswith("# Source: "), path.name
            assert "Licence: " in path.read_text(encoding="utf-8").splitlines()[0], path.name


def test_a_table_loses_its_comments_and_heading_and_short_rows_are_filled():
    assert parse_table("# licence\na\tb\tc\n\n1\t2\n# note\n3\t4\t5\n") == [["1", "2", ""], ["3", "4", "5"]]


def test_tables_come_in_the_order_of_their_names():
    names = [name for name, _ in read_tables("lexicon")]
    assert names == sorted(names)
    assert {"de", "calques_romance"} <= set(names)


@pytest.mark.parametrize(("word", "is_function", "is_closed"), [("the", 1, 1), ("keep", 1, 0), ("settlement", 0, 0)])
def test_light_verbs_are_function_words_of_which_the_channel_has_a_choice(word, is_function, is_closed):
    assert (word in function_words()) == is_function
    assert (word in closed_class_words()) == is_closed
    assert content_light_verbs() < function_words()
