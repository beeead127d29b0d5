package io.datawarehouse.web.http;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What is answered to a {@link HttpRequest}. Status and headers go out with the first bytes of the
 * body, or when it is flushed; what is set after that has no effect. Confined to the thread that
 * serves the request.
 */
public interface HttpResponse {

  /** Returns the status: 200 until another is set. */
  int status();

  /** Sets the status. */
  void status(int status);

  /** Returns a header that was set; null where it was not. */
  @Nullable String header(String name);

  /** Sets a header in place of one of the same name. */
  void header(String name, String value);

  /** Announces the length of the body. */
  void contentLength(long length);

  /** Returns whether status and headers have gone out. */
  boolean isCommitted();

  /** Forgets status, headers and body; possible until they have gone out. */
  void reset();

  /** Returns where the body goes. Writing blocks while the client does not take what it has. */
  OutputStream content() throws IOException;

  /** Sends what there is. */
  void flush() throws IOException;
}
