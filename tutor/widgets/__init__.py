"""What is drawn: each widget shows what it is given and posts what the learner did."""
