"""The command line: one module a command, each with ``add_arguments``, ``run`` and a function that Python can call.

Nothing that these modules import at their top loads an array library, so that ``--help`` answers at once.
"""
