package io.datawarehouse.kernel.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.security.KeyProvider;
import io.datawarehouse.sdk.security.MasterKey;
import io.datawarehouse.sdk.security.MasterWrapping;
import io.datawarehouse.testkit.security.KeyProviderContract;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListedKeyProviderContractTest extends KeyProviderContract {

  private static final String ONE = key(1);
  private static final String TWO = key(2);

  private final String list = "new:" + ONE + ",old:" + TWO;
  private final KeyProvider provider = of(list);

  @Override
  protected KeyProvider provider() {
    return provider;
  }

  @Override
  protected KeyProvider reopened() {
    return of(list);
  }

  @Test
  void firstKeyIsCurrentAndTheOthersUnwrap() {
    byte[] material = {1, 2, 3};
    MasterWrapping before = of("old:" + TWO).wrap(material, Bytes.empty());

    assertThat(provider.masterKeys()).extracting(MasterKey::id).containsExactly("new", "old");
    assertThat(provider.unwrap(before, Bytes.empty()))
        .hasValueSatisfying(got -> assertThat(got).isEqualTo(material));
  }

  @Test
  void anotherKeyOfTheSameNameDoesNotUnwrap() {
    MasterWrapping wrapped = provider.wrap(new byte[] {1}, Bytes.empty());

    assertThat(of("new:" + TWO).unwrap(wrapped, Bytes.empty())).isEmpty();
  }

  @Test
  void singleKeyNeedsNoNameAndLinesSeparateToo() {
    assertThat(of(ONE + "\n").masterKeys()).extracting(MasterKey::id).containsExactly("default");
    assertThat(of(" a:" + ONE + "\r\nb:" + TWO + "\n").masterKeys())
        .extracting(MasterKey::id)
        .containsExactly("a", "b");
  }

  @ParameterizedTest
  @CsvSource({
    "'', holds no key",
    "'a:c2hvcnQ=', 'entry 1 has a key that is not of 32 bytes'",
    "'a:not_base64!', 'entry 1 has a key that is not Base64'",
    "'A:c2hvcnQ=', 'entry 1 begins with something that is not the id of a key'"
  })
  void wrongListIsRefusedWithoutShowingIt(String text, String why) {
    assertThatThrownBy(() -> of(text))
        .isInstanceOf(WarehouseException.class)
        .hasMessage("the test" + (why.startsWith("entry") ? ", " : " ") + why)
        .hasNoCause();
  }

  @Test
  void namesAreDistinctAndNeededWhereThereAreSeveral() {
    assertThatThrownBy(() -> of("a:" + ONE + ",a:" + TWO)).hasMessageContaining("an id twice");
    assertThatThrownBy(() -> of(ONE + "," + TWO))
        .hasMessageContaining("needs an id")
        .hasMessageNotContaining(ONE);
  }

  private static ListedKeyProvider of(String text) {
    return ListedKeyProvider.of(
        text.getBytes(StandardCharsets.UTF_8), "the test", new SecureRandom());
  }

  private static String key(int fill) {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) fill);
    return Base64.getEncoder().encodeToString(key);
  }
}
