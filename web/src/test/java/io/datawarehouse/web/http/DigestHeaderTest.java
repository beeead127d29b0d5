package io.datawarehouse.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.ContentDigest;
import io.datawarehouse.sdk.error.WarehouseException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestHeaderTest {

  private static final String SHA256 = encoded("SHA-256");
  private static final String SHA512 = encoded("SHA-512");

  @Test
  void readsADictionaryOfByteSequences() {
    assertThat(DigestHeader.parse("sha-256=:" + SHA256 + ":"))
        .extracting(ContentDigest::algorithm)
        .containsExactly("sha-256");
    assertThat(
            DigestHeader.parse(
                " sha-512=:" + SHA512 + ":;q=1;x=\"y\";z ,\tmd5=:AAAA:, sha-256=:" + SHA256 + ":"))
        .extracting(ContentDigest::algorithm)
        .containsExactlyInAnyOrder("sha-512", "sha-256");
  }

  @Test
  void refusesTwoValuesOfOneAlgorithm() {
    String other = SHA256.startsWith("A") ? "B" : "A";
    String contradiction =
        "sha-256=:" + SHA256 + ":, sha-256=:" + other + SHA256.substring(1) + ":";

    assertThatThrownBy(() -> DigestHeader.parse(contradiction))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code().name()).isEqualTo("INVALID_ARGUMENT"))
        .hasMessageContaining("Content-Digest")
        .hasMessageContaining("sha-256");
    assertThat(DigestHeader.parse("sha-256=:" + SHA256 + ":, sha-256=:" + SHA256 + ":"))
        .extracting(ContentDigest::algorithm)
        .containsExactly("sha-256");
  }

  @Test
  void refusesAlgorithmsThatItDoesNotKnowToContradictThemselves() {
    assertThatThrownBy(() -> DigestHeader.parse("sha-256=:" + SHA256 + ":, md5=:AAAA:, md5=:BBBB:"))
        .hasMessageContaining("md5");
  }

  @Test
  void writesWhatItReads() {
    String hex = HexFormat.of().formatHex(Base64.getDecoder().decode(SHA256));

    assertThat(DigestHeader.parse(DigestHeader.ofSha256(hex)))
        .singleElement()
        .satisfies(
            digest ->
                assertThat(HexFormat.of().formatHex(digest.value().toArray())).isEqualTo(hex));
  }

  @ParameterizedTest
  @ValueSource(strings = {"md5=:AAAA:", "unixsum=:AAAA:, crc32c=:AAAA:"})
  void refusesUnknownAlgorithmsAlone(String value) {
    assertThatThrownBy(() -> DigestHeader.parse(value))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code().name()).isEqualTo("DIGEST_UNSUPPORTED"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha-256",
        "sha-256=",
        "sha-256=AAAA",
        "sha-256=:AAAA",
        "sha-256=AAAA:",
        "sha-256=:A A:",
        "sha-256=:*:",
        "sha-256=:AAAA:",
        "sha-256 =:AAAA:",
        "sha-256=\"AAAA\"",
        "sha-256=?1",
        "SHA-256=:AAAA:",
        ":AAAA:",
        "sha-256=:AAAA:,",
        ",sha-256=:AAAA:",
        "sha-256=:AAAA: x=:AAAA:",
        "sha-256=:AAAA:;",
        "sha-256=:AAAA:;a=",
        "sha-256=:AAAA:;a=\"b"
      })
  void refusesMalformedOnesNamingTheHeader(String value) {
    assertThatThrownBy(() -> DigestHeader.parse(value))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code().name()).isEqualTo("INVALID_ARGUMENT"))
        .hasMessageContaining("Content-Digest");
  }

  private static String encoded(String algorithm) {
    try {
      return Base64.getEncoder()
          .encodeToString(MessageDigest.getInstance(algorithm).digest(new byte[] {1}));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
