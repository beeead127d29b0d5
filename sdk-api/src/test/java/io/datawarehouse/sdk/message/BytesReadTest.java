package io.datawarehouse.sdk.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Bytes that are read from a stream. */
class BytesReadTest {

  private final InputStream source =
      new ByteArrayInputStream("abcdef".getBytes(StandardCharsets.UTF_8));

  @Test
  void takesWhatItIsToTakeAndLeavesTheRest() throws IOException {
    assertThat(Bytes.read(source, 4)).isEqualTo(Bytes.utf8("abcd"));
    assertThat(source.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("ef");
  }

  @Test
  void nothingIsReadWhereNothingIsWanted() throws IOException {
    assertThat(Bytes.read(source, 0)).isEqualTo(Bytes.empty());
    assertThat(source.available()).isEqualTo(6);
  }

  @Test
  void streamThatEndsEarlySaysWhatIsMissing() {
    assertThatThrownBy(() -> Bytes.read(source, 7))
        .isInstanceOf(EOFException.class)
        .hasMessageContainingAll("6", "7");
  }
}
