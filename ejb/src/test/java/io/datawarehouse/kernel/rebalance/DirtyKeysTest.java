package io.datawarehouse.kernel.rebalance;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import org.junit.jupiter.api.Test;

/** Keys that were changed while they moved. */
class DirtyKeysTest {

  private static BlobKey key(String name) {
    return new BlobKey(new BucketName("photos"), name);
  }

  @Test
  void eachKeyIsTakenOnceAndMayComeAgain() {
    DirtyKeys keys = new DirtyKeys(10);
    keys.add(key("a"));
    keys.add(key("b"));
    keys.add(key("a"));

    assertThat(keys.take(1)).containsExactly(key("a"));
    keys.add(key("a"));

    assertThat(keys.take(10)).containsExactly(key("b"), key("a"));
    assertThat(keys.take(10)).isEmpty();
  }

  @Test
  void tooManyAreForgottenAndThatIsSaid() {
    DirtyKeys keys = new DirtyKeys(2);
    keys.add(key("a"));
    keys.add(key("b"));
    assertThat(keys.overflowed()).isFalse();

    keys.add(key("c"));
    keys.add(key("d"));

    assertThat(keys.overflowed()).isTrue();
    assertThat(keys.size()).isZero();
    keys.clear();
    assertThat(keys.overflowed()).isFalse();
  }
}
