package io.datawarehouse.kernel.sharding;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.error.WarehouseException;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** What may stand in options in the place of a key or a part of one. */
final class KeyText {

  private KeyText() {}

  /** Throws {@code INVALID_ARGUMENT} unless it is text of that many bytes at least. */
  static void require(String field, String text, int least) {
    int bytes;
    try {
      bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text)).remaining();
    } catch (CharacterCodingException e) {
      throw WarehouseException.invalid(field, text, "must be well-formed Unicode");
    }
    if (bytes < least || bytes > BlobKey.MOST_BYTES) {
      throw WarehouseException.invalid(
          field, text, "use " + least + " to " + BlobKey.MOST_BYTES + " bytes of UTF-8");
    }
  }
}
