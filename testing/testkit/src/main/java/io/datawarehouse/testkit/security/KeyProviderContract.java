package io.datawarehouse.testkit.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.security.KeyProvider;
import io.datawarehouse.sdk.security.MasterKey;
import io.datawarehouse.sdk.security.MasterWrapping;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a {@link KeyProvider} must do, whatever holds its keys. */
public abstract class KeyProviderContract {

  private static final Bytes PLACE = Bytes.utf8("bucket one");
  private static final Bytes OTHER_PLACE = Bytes.utf8("bucket two");
  private static final int THREADS = 4;
  private static final int ROUNDS = 50;

  /** Returns the provider under test, the same object at each call of one test. */
  protected abstract KeyProvider provider();

  /**
   * Plays a restart: returns a new provider over the same keys. The one before is not used again.
   */
  protected abstract KeyProvider reopened();

  @Test
  void exactlyOneKeyIsCurrentAndItStandsFirst() {
    List<MasterKey> keys = provider().masterKeys();

    assertThat(keys).isNotEmpty();
    assertThat(keys.get(0).current()).isTrue();
    assertThat(keys).filteredOn(MasterKey::current).hasSize(1);
    assertThat(keys).extracting(MasterKey::id).doesNotHaveDuplicates();
  }

  @Test
  void unwrapsWhatItWrapped() {
    for (int length : new int[] {1, 16, 32, KeyProvider.MOST_MATERIAL}) {
      byte[] material = material(length);

      MasterWrapping wrapped = provider().wrap(material, PLACE);

      assertThat(wrapped.masterKeyId()).isEqualTo(current(provider()));
      assertThat(provider().unwrap(wrapped, PLACE)).hasValueSatisfying(same(material));
    }
  }

  @Test
  void neitherKeepsNorChangesTheArrayOfTheCaller() {
    byte[] material = material(32);

    MasterWrapping wrapped = provider().wrap(material, PLACE);

    assertThat(material).isEqualTo(material(32));
    Arrays.fill(material, (byte) 0);
    assertThat(provider().unwrap(wrapped, PLACE)).hasValueSatisfying(same(material(32)));
    byte[] first = provider().unwrap(wrapped, PLACE).orElseThrow();
    Arrays.fill(first, (byte) 0);
    assertThat(provider().unwrap(wrapped, PLACE)).hasValueSatisfying(same(material(32)));
  }

  @Test
  void wrapsTheSameDifferentlyEachTime() {
    Set<Bytes> seen = new HashSet<>();
    for (int i = 0; i < ROUNDS; i++) {
      seen.add(provider().wrap(material(32), PLACE).material());
    }

    assertThat(seen).hasSize(ROUNDS);
  }

  @Test
  void wrappingOpensInItsPlaceOnly() {
    MasterWrapping wrapped = provider().wrap(material(32), PLACE);

    assertThat(provider().unwrap(wrapped, OTHER_PLACE)).isEmpty();
    assertThat(provider().unwrap(wrapped, Bytes.empty())).isEmpty();
  }

  @Test
  void changedWrappingDoesNotOpen() {
    MasterWrapping wrapped = provider().wrap(material(32), PLACE);
    byte[] whole = wrapped.material().toArray();

    for (int i = 0; i < whole.length; i++) {
      byte[] changed = whole.clone();
      changed[i] ^= 1;
      assertThat(provider().unwrap(with(wrapped, changed), PLACE)).as("byte " + i).isEmpty();
    }
    for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1}) {
      assertThat(provider().unwrap(with(wrapped, Arrays.copyOf(whole, length)), PLACE))
          .as(length + " bytes")
          .isEmpty();
    }
    assertThat(provider().unwrap(with(wrapped, Arrays.copyOf(whole, whole.length + 1)), PLACE))
        .isEmpty();
  }

  @Test
  void wrappingDoesNotHoldTheMaterial() {
    byte[] material = material(32);

    String wrapped =
        HexFormat.of().formatHex(provider().wrap(material, PLACE).material().toArray());

    assertThat(wrapped).doesNotContain(HexFormat.of().formatHex(material));
  }

  @Test
  void keyThatItDoesNotHaveIsUnavailable() {
    MasterWrapping wrapped = provider().wrap(material(32), PLACE);

    assertThatThrownBy(
            () ->
                provider().unwrap(new MasterWrapping("never-heard-of", wrapped.material()), PLACE))
        .hasMessageContaining("never-heard-of")
        .satisfies(
            e ->
                assertThat(((WarehouseException) e).code())
                    .isEqualTo(StandardErrorCode.KEY_UNAVAILABLE));
  }

  @Test
  void keysOutliveARestart() {
    String before = current(provider());
    MasterWrapping wrapped = provider().wrap(material(32), PLACE);

    KeyProvider again = reopened();

    assertThat(current(again)).isEqualTo(before);
    assertThat(again.unwrap(wrapped, PLACE)).hasValueSatisfying(same(material(32)));
  }

  @Test
  void makesANewKeyOrSaysThatItCannot() {
    if (provider().createsKeys()) {
      requireThatANewKeyWrapsAndTheOldOneStillUnwraps();
    } else {
      requireThatItSaysSo();
    }
  }

  private void requireThatANewKeyWrapsAndTheOldOneStillUnwraps() {
    String old = current(provider());
    MasterWrapping before = provider().wrap(material(32), PLACE);

    MasterKey made = provider().create();

    assertThat(made.current()).isTrue();
    assertThat(made.id()).isNotEqualTo(old);
    assertThat(provider().masterKeys().get(0)).isEqualTo(made);
    assertThat(provider().masterKeys()).extracting(MasterKey::id).contains(old);
    assertThat(provider().wrap(material(32), PLACE).masterKeyId()).isEqualTo(made.id());
    assertThat(provider().unwrap(before, PLACE)).hasValueSatisfying(same(material(32)));
    assertThat(provider().unwrap(new MasterWrapping(made.id(), before.material()), PLACE))
        .as("wrapped by another key")
        .isEmpty();

    KeyProvider again = reopened();
    assertThat(current(again)).isEqualTo(made.id());
    assertThat(again.unwrap(before, PLACE)).hasValueSatisfying(same(material(32)));
  }

  private void requireThatItSaysSo() {
    assertThatThrownBy(() -> provider().create())
        .satisfies(
            e ->
                assertThat(((WarehouseException) e).code())
                    .isEqualTo(StandardErrorCode.SETTING_UNSUPPORTED));
    assertThat(provider().wrap(material(32), PLACE)).isNotNull();
  }

  @Test
  void manyThreadsAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> work = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int length = 16 + i;
        work.add(threads.submit(() -> wrapAndUnwrap(length)));
      }
      for (Future<?> done : work) {
        done.get(1, TimeUnit.MINUTES);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void wrapAndUnwrap(int length) {
    for (int i = 0; i < ROUNDS; i++) {
      MasterWrapping wrapped = provider().wrap(material(length), PLACE);
      assertThat(provider().unwrap(wrapped, PLACE)).hasValueSatisfying(same(material(length)));
    }
  }

  @Test
  void showsNoMaterial() {
    byte[] material = material(32);

    String shown =
        provider() + " " + provider().masterKeys() + " " + provider().wrap(material, PLACE);

    assertThat(shown)
        .doesNotContain(HexFormat.of().formatHex(material))
        .doesNotContain(Base64.getEncoder().encodeToString(material))
        .doesNotContain(new String(material, StandardCharsets.ISO_8859_1));
  }

  private static String current(KeyProvider provider) {
    return provider.masterKeys().get(0).id();
  }

  private static MasterWrapping with(MasterWrapping wrapped, byte[] material) {
    return new MasterWrapping(wrapped.masterKeyId(), Bytes.copyOf(material));
  }

  private static Consumer<byte[]> same(byte[] expected) {
    return got -> assertThat(got).isEqualTo(expected);
  }

  private static byte[] material(int length) {
    byte[] material = new byte[length];
    for (int i = 0; i < length; i++) {
      material[i] = (byte) (31 * i + length);
    }
    return material;
  }
}
