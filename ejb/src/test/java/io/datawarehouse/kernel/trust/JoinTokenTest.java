package io.datawarehouse.kernel.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JoinTokenTest {

  /** The secret is the bytes 0 to 31. */
  static final String KNOWN = "dwj1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8.3ab00263";

  private static final String OTHERS =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

  @Test
  void isReadAsItIsWritten() throws Exception {
    JoinToken token = JoinToken.random(new SecureRandom());

    assertThat(token.text()).hasSize(JoinToken.TEXT_LENGTH);
    assertThat(JoinToken.parse(token.text())).isEqualTo(token);
    assertThat(JoinToken.random(new SecureRandom())).isNotEqualTo(token);
  }

  @Test
  void keysFollowFromTheTokenTheSameWayForEver() throws Exception {
    assertThat(HexFormat.of().formatHex(known().derive("join proof HMAC-SHA256", 32)))
        .isEqualTo("d13128a35dd21c58595e66bc3e79ef022d198aa59c24bb6621b803a23becfaf5");
  }

  @Test
  void theAuthorityFollowsFromTheTokenTheSameWayForEver() throws Exception {
    var point = ClusterAuthority.of(known()).publicKey().getW();

    assertThat(point.getAffineX().toString(16))
        .isEqualTo("8f054e77b223357c7065ba9e7deef52f53e7dca6e1ee6da5096adea26be8d1f0");
    assertThat(point.getAffineY().toString(16))
        .isEqualTo("f800c127c779dcd85a52cd330019a56e71589b9849dbbc86b07aadbcca332257");
  }

  @Test
  void everyWrongCharacterIsTold() {
    Random random = new Random(4);
    for (int at = 0; at < KNOWN.length(); at++) {
      char wrong = KNOWN.charAt(at);
      while (wrong == KNOWN.charAt(at)) {
        wrong = OTHERS.charAt(random.nextInt(OTHERS.length()));
      }
      assertUnusable(KNOWN.substring(0, at) + wrong + KNOWN.substring(at + 1));
    }
  }

  @Test
  void everySwapOfNeighboursIsTold() {
    for (int at = 0; at + 1 < KNOWN.length(); at++) {
      if (KNOWN.charAt(at) != KNOWN.charAt(at + 1)) {
        assertUnusable(
            KNOWN.substring(0, at)
                + KNOWN.charAt(at + 1)
                + KNOWN.charAt(at)
                + KNOWN.substring(at + 2));
      }
    }
  }

  @Test
  void whatIsLostOrAddedIsTold() {
    assertUnusable("");
    assertUnusable("dwj1.");
    assertUnusable(KNOWN.substring(1));
    assertUnusable(KNOWN.substring(0, KNOWN.length() - 1));
    assertUnusable(KNOWN + "0");
  }

  @Test
  void neverShowsItself() throws Exception {
    assertThat(known()).hasToString("a join token");
    assertThat(ClusterAuthority.of(known()).toString()).doesNotContain("AAEC");
  }

  private static void assertUnusable(String text) {
    assertThatThrownBy(() -> JoinToken.parse(text.getBytes(StandardCharsets.US_ASCII)))
        .as(text)
        .isInstanceOf(JoinToken.Unusable.class)
        .message()
        .doesNotContain("AAEC", "AwQF");
  }

  private static JoinToken known() throws JoinToken.Unusable {
    return JoinToken.parse(KNOWN.getBytes(StandardCharsets.US_ASCII));
  }
}
