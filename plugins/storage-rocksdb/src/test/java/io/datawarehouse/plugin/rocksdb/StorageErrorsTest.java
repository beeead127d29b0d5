package io.datawarehouse.plugin.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

class StorageErrorsTest {

  @Test
  void tellsAFullDiskFromAFailingOne() {
    IOException full = new IOException("No space left on device");
    assertThat(StorageErrors.of("writing", full).code()).isEqualTo(StandardErrorCode.DISK_FULL);
    assertThat(StorageErrors.of("writing", full)).hasCause(full).hasMessageContaining("writing");
    assertThat(StorageErrors.of("writing", new IOException("Disk quota exceeded")).code())
        .isEqualTo(StandardErrorCode.DISK_FULL);
    assertThat(StorageErrors.of("writing", new IOException("Input/output error")).code())
        .isEqualTo(StandardErrorCode.STORAGE_FAILED);
    assertThat(StorageErrors.of("writing", new IOException((String) null)).code())
        .isEqualTo(StandardErrorCode.STORAGE_FAILED);
    assertThat(StorageErrors.of("writing", new ClosedByInterruptException()).code())
        .isEqualTo(StandardErrorCode.UNAVAILABLE);
  }

  @Test
  void readsTheDatabasesStatus() {
    assertThat(of(Status.Code.IOError, Status.SubCode.NoSpace))
        .isEqualTo(StandardErrorCode.DISK_FULL);
    assertThat(of(Status.Code.IOError, Status.SubCode.None))
        .isEqualTo(StandardErrorCode.STORAGE_FAILED);
    assertThat(of(Status.Code.Corruption, Status.SubCode.None))
        .isEqualTo(StandardErrorCode.BLOB_CORRUPT);
    assertThat(StorageErrors.of("writing", new RocksDBException("no status")).code())
        .isEqualTo(StandardErrorCode.STORAGE_FAILED);
  }

  private static Object of(Status.Code code, Status.SubCode subCode) {
    return StorageErrors.of("writing", new RocksDBException("m", new Status(code, subCode, "s")))
        .code();
  }

  @Test
  void refusesWhenAllBuffersAreLent() {
    FrameBuffers buffers = new FrameBuffers(16, 2, Duration.ofMillis(1));
    ByteBuffer first = buffers.borrow();
    buffers.borrow();
    assertThatThrownBy(buffers::borrow)
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.BULKHEAD_FULL));
    first.putInt(5);
    buffers.giveBack(first);
    ByteBuffer again = buffers.borrow();
    assertThat(again).isSameAs(first);
    assertThat(again.position()).isZero();
    assertThat(buffers.lent()).isEqualTo(2);
  }
}
