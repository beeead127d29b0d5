package io.datawarehouse.kernel.bus;

import io.datawarehouse.sdk.message.Content;
import java.io.UncheckedIOException;

/** Closes contents that nobody will read. */
final class Contents {

  private static final System.Logger LOG = System.getLogger(Contents.class.getName());

  private Contents() {}

  static void close(Content content) {
    try {
      content.close();
    } catch (UncheckedIOException e) {
      // Nobody is left to tell, and nothing depends on it.
      LOG.log(System.Logger.Level.DEBUG, "a content could not be closed", e);
    }
  }
}
