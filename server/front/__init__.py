"""The front: the one process that owns the sockets. It parses HTTP, keeps results, admits and ends
queries; it never evaluates one, and never renders a page."""

import signal

CANNOT_START = 2
"""Exit status of a front whose data cannot be opened: starting it again would not help."""
RUN_FILE = "CHARTERKB_RUN_FILE"
SUPERVISOR = "CHARTERKB_SUPERVISOR"
"""Where the supervisor tells the front of the file that names the server, and who it is itself."""
SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
"""What the supervisor waits for, and the front starts with blocked."""
