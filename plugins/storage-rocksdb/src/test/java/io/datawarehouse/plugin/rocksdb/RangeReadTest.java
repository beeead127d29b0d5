package io.datawarehouse.plugin.rocksdb;

import static io.datawarehouse.plugin.rocksdb.StoreFixture.FRAME;
import static io.datawarehouse.plugin.rocksdb.StoreFixture.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.testkit.storage.StoredBlobs;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RangeReadTest {

  private static final int FRAMES = 300;

  private StoreFixture fixture;
  private byte[] content;

  @BeforeEach
  void open(@TempDir Path directory) {
    fixture = StoreFixture.open(directory);
    content = fixture.content(FRAMES * FRAME + 1);
    fixture.put("huge", content);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private double framesFor(long offset, int length) {
    double before = fixture.metrics.count("store.read.frames");
    try (BlobReader reader = fixture.store.openReader(key("huge")).orElseThrow()) {
      assertThat(StoredBlobs.read(reader, offset, length))
          .isEqualTo(Arrays.copyOfRange(content, (int) offset, (int) offset + length));
    }
    return fixture.metrics.count("store.read.frames") - before;
  }

  @Test
  void touchesOnlyTheFramesItNeeds() {
    assertThat(framesFor(0, 1)).isEqualTo(1);
    assertThat(framesFor(250L * FRAME, FRAME)).isEqualTo(1);
    assertThat(framesFor(250L * FRAME + 1, FRAME)).isEqualTo(2);
    assertThat(framesFor(199L * FRAME - 1, 2)).isEqualTo(2);
    assertThat(framesFor((long) FRAMES * FRAME, 1)).isEqualTo(1);
    assertThat(framesFor(77, 0)).isZero();
  }

  @Test
  void readsEveryFrameOnceForTheWhole() {
    assertThat(framesFor(0, content.length)).isEqualTo(FRAMES + 1);
  }

  @Test
  void givesItsBufferBackAtTheEndAndWhenItIsClosedEarly() throws Exception {
    try (BlobReader reader = fixture.store.openReader(key("huge")).orElseThrow()) {
      assertThat(fixture.store.buffers().lent()).isZero();
      var stream = reader.open(0, content.length);
      assertThat(fixture.store.buffers().lent()).isEqualTo(1);
      assertThat(stream.readAllBytes()).hasSize(content.length);
      assertThat(fixture.store.buffers().lent()).isZero();
    }
    try (BlobReader reader = fixture.store.openReader(key("huge")).orElseThrow()) {
      assertThat(reader.open(5, 10).read()).isEqualTo(content[5] & 0xFF);
    }
    assertThat(fixture.store.buffers().lent()).isZero();
    assertThat(fixture.metrics.gauge("store.handles.open")).isZero();
  }
}
