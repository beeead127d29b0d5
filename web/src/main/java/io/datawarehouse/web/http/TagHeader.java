package io.datawarehouse.web.http;

import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The {@code DW-Tag: name=value} headers of a write. */
public final class TagHeader {

  /** The header's name. */
  public static final String NAME = "DW-Tag";

  private TagHeader() {}

  /** Returns the tags; the values of the header lines come as the container gives them. */
  public static Map<String, String> parse(List<String> lines) {
    if (lines.isEmpty()) {
      return Map.of();
    }
    Map<String, String> tags = new HashMap<>();
    for (String line : lines) {
      String text = utf8(line);
      int equals = text.indexOf('=');
      if (equals < 1) {
        throw WarehouseException.invalid(NAME, text, "use name=value");
      }
      String name = text.substring(0, equals).strip();
      if (tags.put(name, text.substring(equals + 1).strip()) != null) {
        throw WarehouseException.invalid(NAME, name, "give each name once");
      }
    }
    return tags;
  }

  /** Containers hand out a header's bytes as characters; here they are UTF-8. */
  private static String utf8(String line) {
    if (line.chars().allMatch(c -> c < 0x80)) {
      return line;
    }
    if (line.chars().anyMatch(c -> c > 0xff)) {
      return line;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(line.getBytes(StandardCharsets.ISO_8859_1)))
          .toString();
    } catch (CharacterCodingException e) {
      throw WarehouseException.invalid(NAME, line, "must be UTF-8");
    }
  }
}
