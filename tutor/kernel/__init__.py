"""The client of the learner's kernel. It knows no screen, and hides jupyter_client from the rest."""
