"""The course: its content, its format, its parser and its check. It knows nothing else of ours."""
