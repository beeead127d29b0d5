package io.datawarehouse.micro;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class FailureWatchTest {

  private final ByteArrayOutputStream passedOn = new ByteArrayOutputStream();
  private final FailureWatch watch = new FailureWatch(passedOn);

  @Test
  void seesTheMarkerInsideALineThatComesInPieces() throws IOException {
    print("12:00 SEVERE kernel - DW-BOOT-");
    assertThat(watch.seen()).isFalse();

    print("FAILED: the disk is full\n");

    assertThat(watch.seen()).isTrue();
  }

  @Test
  void seesTheMarkerAfterAFalseStart() throws IOException {
    print("DDW-BOOT-FAILED: twice D\n");

    assertThat(watch.seen()).isTrue();
  }

  @Test
  void passesEverythingOn() throws IOException {
    print("DW-READY: all is well\n");

    assertThat(watch.seen()).isFalse();
    assertThat(passedOn.toString(UTF_8)).isEqualTo("DW-READY: all is well\n");
  }

  private void print(String text) throws IOException {
    watch.write(text.getBytes(UTF_8));
  }
}
