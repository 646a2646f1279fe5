"""Errors as Twilio words them: REST errors that the client sees, and application errors that end up in the
debugger."""

from dataclasses import dataclass


@dataclass
class RestError(Exception):
    """A refused REST request (Twilio docs: "Error and warning dictionary")."""

    status: int
    code: int
    message: str

    def as_json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def bad_request(code: int, message: str) -> RestError:
    return RestError(400, code, message)


def not_found(path: str) -> RestError:
    return RestError(404, 20404, f"The requested resource {path} was not found")


@dataclass
class ApplicationError(Exception):
    """The application's TwiML cannot be had or obeyed: Twilio apologises to the person and ends the call."""

    code: int
    message: str
