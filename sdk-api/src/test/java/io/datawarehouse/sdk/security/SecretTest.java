package io.datawarehouse.sdk.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SecretTest {

  private static final String TEXT = "pässwörd-€-𝄞";

  @Test
  void givesWhatItWasMadeOf() {
    try (Secret ofChars = Secret.of(TEXT.toCharArray());
        Secret ofBytes = Secret.of(TEXT.getBytes(StandardCharsets.UTF_8))) {
      assertThat(new String(ofChars.bytes(), StandardCharsets.UTF_8)).isEqualTo(TEXT);
      assertThat(new String(ofBytes.chars())).isEqualTo(TEXT);
      assertThat(ofChars).isEqualTo(ofBytes).hasSameHashCodeAs(ofBytes);
    }
  }

  @Test
  void closingWipesAllThatItGaveOut() {
    Secret secret = Secret.of(TEXT.toCharArray());
    byte[] bytes = secret.bytes();
    char[] chars = secret.chars();

    secret.close();
    secret.close();

    assertThat(bytes).containsOnly(0);
    assertThat(chars).containsOnly('\0');
    assertThatThrownBy(secret::bytes).hasMessage("the secret was closed");
    assertThatThrownBy(secret::chars).hasMessage("the secret was closed");
  }

  @Test
  void closedSecretsEqualNothingElse() {
    Secret one = Secret.of(new byte[] {0});
    Secret other = Secret.of(new byte[] {0});
    assertThat(one).isEqualTo(other).isNotEqualTo(Secret.of(new byte[] {1}));

    one.close();

    assertThat(one).isNotEqualTo(other).isEqualTo(one);
    assertThat(other).isNotEqualTo(one);
  }

  @Test
  void neverShowsItself() {
    assertThat(Secret.of(TEXT.toCharArray())).hasToString("a secret");
  }
}
