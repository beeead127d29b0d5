package io.datawarehouse.web.http;

import java.time.Duration;

/**
 * The connection of a request: ends it, and tells how it goes with it; the servlet interface knows
 * no way to. Thread-safe.
 */
public interface ConnectionSwitch {

  /** The attribute of a request under which its switch lies, where the server has one. */
  String ATTRIBUTE = "io.datawarehouse.web.connection";

  /** Closes the connection now: what was announced does not come. */
  void closeNow();

  /** Closes the connection once the server is done with the request. */
  void closeAfterwards();

  /** Returns how many bytes of an answer the server holds because the client does not take them. */
  long unsent();

  /** Lets a write wait so long for the client, and not as long as the server usually does. */
  void allowWait(Duration longest);

  /** Lets a write wait as long as the server usually does. */
  void allowUsualWait();
}
