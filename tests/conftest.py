"""Properties are tested without a clock and on the same examples each time: a busy machine makes no example wrong, and
nobody's change is blamed for an example that it did not bring.

`--hypothesis-profile=search` looks for new ones. And what is started here hears Ctrl+C and the end of its terminal,
also where the tests run in the background.
"""

import signal

from hypothesis import HealthCheck, settings

settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("same", settings.get_profile("search"), derandomize=True, database=None)
settings.load_profile("same")

for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:  # a shell's `&`, or nohup; processes inherit it
        signal.signal(number, usual)
