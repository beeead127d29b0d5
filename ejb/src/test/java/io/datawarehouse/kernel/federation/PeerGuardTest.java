package io.datawarehouse.kernel.federation;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is held against a node that answers with an error. */
class PeerGuardTest {

  private static final Set<StandardErrorCode> FAULTS =
      EnumSet.of(
          StandardErrorCode.TIMEOUT,
          StandardErrorCode.UNAVAILABLE,
          StandardErrorCode.STORAGE_FAILED,
          StandardErrorCode.HANDLER_FAILED,
          StandardErrorCode.DUPLICATE_HANDLER,
          StandardErrorCode.PAYLOAD_MUTABLE,
          StandardErrorCode.BOOT_FAILED,
          StandardErrorCode.INTERNAL_ERROR);

  @Test
  void whatIsWrongWithTheNodeCountsAndWhatIsWrongWithOneBlobOrKeyDoesNot() {
    for (StandardErrorCode code : StandardErrorCode.values()) {
      WarehouseException error = new WarehouseException(code, "for the test");

      assertThat(PeerGuard.fault(error))
          .as("what is held against a node for %s", code)
          .isEqualTo(FAULTS.contains(code) ? error : null);
    }
  }
}
