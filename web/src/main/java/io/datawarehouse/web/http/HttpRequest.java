package io.datawarehouse.web.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request as the server read it, whether it came through the servlet container or straight from
 * the listener. Confined to the thread that serves it.
 */
public interface HttpRequest {

  /** Returns the method, as it was sent. */
  String method();

  /** Returns the path as the client wrote it: not decoded, not normalised. */
  String path();

  /** Returns the address of whoever is at the other end of the connection; empty if unknown. */
  String remoteAddress();

  /** Returns what stands behind the question mark; null where there is none. */
  @Nullable String query();

  /** Returns the names of the headers, each once. */
  Iterable<String> headerNames();

  /** Returns the first line of a header; null where it is missing. */
  @Nullable String header(String name);

  /** Returns all lines of a header; none where it is missing. */
  List<String> headers(String name);

  /** Returns the announced length of the body; less than 0 where none is announced. */
  long contentLength();

  /** Returns the body. Reading it blocks, until the server's own time limit at the most. */
  InputStream content() throws IOException;

  /** Returns what ends the connection; null where this server has no way to. */
  @Nullable ConnectionSwitch connection();
}
