package io.datawarehouse.web.http;

/** Ends the connection of a request; the servlet interface knows no way to. Thread-safe. */
public interface ConnectionSwitch {

  /** The attribute of a request under which its switch lies, where the server has one. */
  String ATTRIBUTE = "io.datawarehouse.web.connection";

  /** Closes the connection now: what was announced does not come. */
  void closeNow();

  /** Closes the connection once the server is done with the request. */
  void closeAfterwards();
}
