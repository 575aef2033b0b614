"""Lexical mistranslation, judged by a noisy channel."""
