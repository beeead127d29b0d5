package io.datawarehouse.micro;

/** The node cannot start; the message says why, in one line for the operator. */
final class StartFailure extends RuntimeException {

  StartFailure(String message) {
    super(message);
  }

  StartFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
