"""How much a packed file may hold before it counts as a bomb."""

from __future__ import annotations

from dataclasses import dataclass

from records.errors import ExtractError


@dataclass(frozen=True)
class Limits:
    """What a packed file may unpack to.

    Parameters
    ----------
    largest
        Bytes that it may never exceed.
    ratio
        Unpacked bytes a packed byte, once it exceeds `unsuspicious`. Real extracts stay under 30.
    unsuspicious
        Bytes up to which no ratio is asked about.
    """

    largest: int = 64 << 30
    ratio: int = 200
    unsuspicious: int = 64 << 20

    def check(self, name: str, packed: int, unpacked: int) -> None:
        """Compare sizes in bytes.

        Raises
        ------
        ExtractError
            If the file unpacks to more than it may.
        """
        if unpacked > self.largest or (unpacked > self.unsuspicious and unpacked > packed * self.ratio):
            raise ExtractError(
                f"{name} holds {packed:,} bytes and unpacks to more than {unpacked:,}: it may be a bomb.",
                "Check where it comes from; deliver it unpacked, as CSV, if it is what it should be.",
            )


LIMITS = Limits()
