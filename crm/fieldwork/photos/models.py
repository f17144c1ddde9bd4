"""Photos of a touch: the bytes lie with the attachments, twice: as a picture and as a thumbnail."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.db import Base
from crm.core.files import Attachment
from crm.core.types import IntPk, Short


class TouchPhoto(Base):
    """One photo; ``client_id`` makes a photo that is sent twice one photo, ``located`` says that it kept its place."""

    __tablename__ = "touch_photo"
    __table_args__ = (
        UniqueConstraint("touch_id", "client_id"),
        CheckConstraint("width > 0 AND height > 0", name="size"),
    )

    id: Mapped[IntPk]
    touch_id: Mapped[int] = mapped_column(ForeignKey("touch.id", ondelete="CASCADE"))
    client_id: Mapped[Short]
    picture_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), unique=True)
    thumbnail_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), unique=True)
    width: Mapped[int]
    height: Mapped[int]
    located: Mapped[bool]

    picture: Mapped[Attachment] = relationship(foreign_keys=[picture_id])
    thumbnail: Mapped[Attachment] = relationship(foreign_keys=[thumbnail_id])
