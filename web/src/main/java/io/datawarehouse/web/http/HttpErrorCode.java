package io.datawarehouse.web.http;

import io.datawarehouse.sdk.error.ErrorCategory;
import io.datawarehouse.sdk.error.ErrorCode;

/** Errors that only HTTP knows. */
public enum HttpErrorCode implements ErrorCode {
  /** The request is malformed. */
  BAD_REQUEST(400),
  /** Nothing is at the path. */
  NO_SUCH_PATH(404),
  /** The path does not know the method. */
  METHOD_NOT_ALLOWED(405),
  /** The answer has no form that the client accepts. */
  NOT_ACCEPTABLE(406),
  /** The body is of a type, or in a coding, that is not understood. */
  UNSUPPORTED_MEDIA_TYPE(415);

  private final int status;

  HttpErrorCode(int status) {
    this.status = status;
  }

  /** Returns the code of a status that a server or a framework chose. */
  public static HttpErrorCode ofStatus(int status) {
    for (HttpErrorCode code : values()) {
      if (code.status == status) {
        return code;
      }
    }
    return BAD_REQUEST;
  }

  /** Returns the status. */
  public int status() {
    return status;
  }

  @Override
  public ErrorCategory category() {
    return ErrorCategory.USER;
  }

  @Override
  public boolean retryable() {
    return false;
  }
}
