"""The two ways in which a step may end early: a user's error, and a user's cancel."""

from __future__ import annotations

import errno
import os


class UserError(Exception):
    """A condition that the user can cause and mend; everything else is a bug.

    Parameters are plain sentences: `what` happened, `why` (may be empty), `action` to take.
    """

    def __init__(self, what: str, why: str = "", action: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.action = action

    def lines(self) -> list[str]:
        """Return the non-empty sentences, one per line, in reading order."""
        return [line for line in (self.what, self.why, self.action) if line]


class Cancelled(Exception):
    """The user cancelled: the state before the step is restored."""


class Paused(Cancelled):
    """The user stopped a step that can go on later: results stay as they were, what was done so far is kept aside."""


def from_os_error(error: OSError) -> UserError | None:
    """Translate a full, read-only or vanished disk into a `UserError`; None for other errors."""
    place = str(error.filename or "")
    where = f" ({place})" if place else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UserError(
            f"The disk is full{where}.",
            "The results of this step could not be written; what was there before is unchanged.",
            "Free some space or choose a project folder on another disk, then start again.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return UserError(
            f"The place cannot be read or written{where}.",
            os.strerror(error.errno or errno.EACCES) + ".",
            "Choose a folder in which you may write, or ask for the permission.",
        )
    if error.errno in (errno.EIO, errno.ENODEV, errno.ESTALE, errno.ENOTCONN):
        return UserError(
            f"The drive did not answer{where}.",
            os.strerror(error.errno or errno.EIO) + ".",
            "Check the connection to the drive, then start again.",
        )
    return None
