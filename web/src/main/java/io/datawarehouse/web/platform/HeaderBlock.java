package io.datawarehouse.web.platform;

import io.datawarehouse.sdk.error.WarehouseException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a request as they came. Grizzly removes a {@code Content-Length} that contradicts
 * a {@code Transfer-Encoding} behind it without a word; what a proxy before it made of the two is
 * then unknown, so such a request is refused (RFC 9112, section 6.3).
 */
final class HeaderBlock {

  private static final System.Logger LOG = System.getLogger(HeaderBlock.class.getName());
  private static final Pattern LENGTH =
      Pattern.compile("\ncontent-length[ \t]*:", Pattern.CASE_INSENSITIVE);
  private static final @Nullable Field BUFFER = buffer();

  private HeaderBlock() {}

  /** Lets a chunked request pass that announces no length beside. */
  static void requireNoLength(HttpHeader header) {
    if (BUFFER == null) {
      return;
    }
    try {
      if (BUFFER.get(header) instanceof Buffer raw && announcesLength(raw)) {
        throw WarehouseException.invalid(
            "Content-Length", "given", "must not stand beside Transfer-Encoding");
      }
    } catch (IllegalAccessException e) {
      LOG.log(System.Logger.Level.DEBUG, "the headers cannot be looked at", e);
    }
  }

  static boolean announcesLength(Buffer raw) {
    return LENGTH.matcher(raw.toStringContent(StandardCharsets.ISO_8859_1, 0, raw.limit())).find();
  }

  private static @Nullable Field buffer() {
    try {
      Field field = HttpHeader.class.getDeclaredField("headerBuffer");
      field.setAccessible(true);
      return field;
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "contradictory lengths of bodies are not noticed", e);
      return null;
    }
  }
}
