package io.datawarehouse.sdk.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlobNamesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"abc", "a-b", "a.b.c", "0a9", "a--b", "-abc", "abc-", ".abc", "abc.", "a..b"})
  void bucketNamesOfTheRuleAreTaken(String name) {
    assertThat(new BucketName(name).value()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "ab", "..", "...", "....", "Abc", "a_b", "a/b", "a b", "abc\n", "äbc"})
  void otherBucketNamesAreRefusedNamingThem(String name) {
    assertThatThrownBy(() -> new BucketName(name))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_BUCKET_NAME);
              assertThat(e.detail()).contains("bucket");
            });
  }

  @Test
  void bucketNamesEndAtSixtyThree() {
    assertThat(new BucketName("a".repeat(63)).value()).hasSize(63);
    assertThatThrownBy(() -> new BucketName("a".repeat(64))).isInstanceOf(WarehouseException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "k", "a/b/c", "/a", "a/", "a//b", "...", "a/..b", ".hidden", "日本語", "😀", " ", "a;b=c"
      })
  void keysOfTheRuleAreTaken(String key) {
    assertThat(BlobKey.of("abc", key).key()).isEqualTo(key);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "a/./b",
        "a/../b",
        "../a",
        "a/..",
        "a\u0000b",
        "a\nb",
        "a\u007f",
        "\u0085",
        "\ud800"
      })
  void otherKeysAreRefused(String key) {
    assertThatThrownBy(() -> BlobKey.of("abc", key))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> {
              assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_KEY);
              assertThat(e.detail()).startsWith("key is ");
            });
  }

  @Test
  void keysEndAt1024BytesOfUtf8() {
    assertThat(BlobKey.of("abc", "é".repeat(512)).key()).hasSize(512);
    assertThatThrownBy(() -> BlobKey.of("abc", "é".repeat(512) + "x"))
        .isInstanceOf(WarehouseException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 10, 0, 1",
    "0, 9, 10, 0, 10",
    "5, 100, 10, 5, 5",
    "9, 9, 10, 9, 1",
    "5, , 10, 5, 5",
    ", 3, 10, 7, 3",
    ", 30, 10, 0, 10",
  })
  void rangesResolveToBytesThatExist(Long first, Long last, long size, long offset, long length) {
    assertThat(range(first, last).resolve(size)).contains(new ByteRange.Span(offset, length));
  }

  @ParameterizedTest
  @CsvSource({"10, 20, 10", "10, , 10", ", 0, 10", "0, , 0", ", 5, 0"})
  void rangesOfNoBytesDoNot(Long first, Long last, long size) {
    assertThat(range(first, last).resolve(size)).isEmpty();
  }

  @Test
  void rangesThatSayNothingOrGoBackwardsAreRefused() {
    assertThatThrownBy(() -> range(null, null)).isInstanceOf(WarehouseException.class);
    assertThatThrownBy(() -> range(5L, 4L)).isInstanceOf(WarehouseException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', e1, true",
    "e1, '', e1, true",
    "e2, '', e1, false",
    "*, '', e1, true",
    "*, '', , false",
    "e1, '', , false",
    "'', *, e1, false",
    "'', *, , true",
    "'', e1, e1, false",
    "'', e2, e1, true",
  })
  void writeConditionsHoldOrDoNot(String match, String noneMatch, String present, boolean holds) {
    WriteCondition condition = new WriteCondition(list(match), list(noneMatch));
    assertThat(condition.holds(Optional.ofNullable(present))).isEqualTo(holds);
  }

  @Test
  void quorumCannotExceedTheCopies() {
    assertThatThrownBy(
            () ->
                new BucketSettings(
                    OptionalInt.of(2),
                    OptionalInt.of(3),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    OptionalLong.empty(),
                    Optional.empty()))
        .hasMessageContaining("writeQuorum");
  }

  private static List<String> list(String text) {
    return text.isEmpty() ? List.of() : List.of(text);
  }

  private static ByteRange range(Long first, Long last) {
    return new ByteRange(
        first == null ? OptionalLong.empty() : OptionalLong.of(first),
        last == null ? OptionalLong.empty() : OptionalLong.of(last));
  }
}
