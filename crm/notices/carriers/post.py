"""Mail over SMTP. The id of a mail is made of its message, so that a mail sent twice can be told as one."""

from __future__ import annotations

import logging
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from crm.notices.carriers.base import BRIEF, plain
from crm.notices.rules import Message, Outcome, Sending

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from config import Mail

log = logging.getLogger("yinfeng.notices")
UNREACHABLE = "连接不上邮件服务器，稍后自动重试。"
PATIENCE = 15
LONGEST = 100_000
PERMANENT = 500
NOT_SET_UP = "未配置邮件服务器，请系统管理员设置 YINFENG_SMTP_HOST。"


@dataclass(frozen=True, slots=True)
class Post:
    """Sends mails to one person."""

    server: Mail
    address: str
    base: str
    now: datetime

    def send(self, message: Message) -> Outcome:
        """Send it once."""
        if not self.server.host:
            return Outcome(Sending.REFUSED, NOT_SET_UP)
        try:
            with self._connected() as smtp:
                smtp.send_message(self._mail(message))
        except smtplib.SMTPException as error:
            codes = list(_codes(error))
            of_mail = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
            final = of_mail and all(code >= PERMANENT for code in codes)
            reason = f"{type(error).__name__} {codes}"[:BRIEF]
            return Outcome(Sending.REFUSED if final else Sending.LATER, reason)
        except OSError as error:
            log.info("mail: %s", type(error).__name__)
            return Outcome(Sending.LATER, UNREACHABLE)
        return Outcome(Sending.SENT)

    def _connected(self) -> smtplib.SMTP:
        """Return a connection, encrypted and signed in as the office has set it up."""
        server = self.server
        if server.security == "tls":
            tls = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE, context=tls)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=PATIENCE)
        try:
            if server.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if server.user:
                smtp.login(server.user, server.password)
        except (smtplib.SMTPException, OSError):
            with suppress(smtplib.SMTPException, OSError):
                smtp.close()
            raise
        return smtp

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"] = self.server.sender, self.address
        mail["Subject"] = f"【引凤】{message.title}"
        mail["Date"] = format_datetime(self.now)
        mail["Message-ID"] = f"<{message.key}@{self.server.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(plain(message, self.base, LONGEST))
        return mail


def _codes(error: smtplib.SMTPException) -> Iterator[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        yield from (code for code, _words in error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        yield error.smtp_code
