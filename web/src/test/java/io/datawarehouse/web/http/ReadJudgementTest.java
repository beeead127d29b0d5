package io.datawarehouse.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.ReadCondition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReadJudgementTest {

  private static final Instant MODIFIED = Instant.parse("2026-11-23T09:00:00.500Z");
  private static final Instant SHOWN = Instant.parse("2026-11-23T09:00:00Z");
  private static final BlobManifest VERSION =
      new BlobManifest(
          new BucketName("photos"),
          "key",
          1,
          1,
          "text/plain",
          "tag",
          "context",
          MODIFIED,
          MODIFIED,
          Map.of(),
          List.of(),
          0,
          List.of(),
          false);

  @Test
  void holdsWithoutConditions() {
    assertThat(ReadJudgement.isKnown(VERSION, ReadCondition.none())).isFalse();
  }

  @Test
  void comparesTagsBeforeDates() {
    assertThat(ReadJudgement.isKnown(VERSION, unless(List.of("tag"), Instant.EPOCH))).isTrue();
    assertThat(ReadJudgement.isKnown(VERSION, unless(List.of("*"), Instant.EPOCH))).isTrue();
    assertThat(ReadJudgement.isKnown(VERSION, unless(List.of("other"), SHOWN))).isFalse();
    assertThat(ReadJudgement.isKnown(VERSION, unless(List.of(), SHOWN))).isTrue();
    assertThat(ReadJudgement.isKnown(VERSION, unless(List.of(), SHOWN.minusSeconds(1)))).isFalse();
  }

  @Test
  void refusesOtherVersions() {
    assertThat(ReadJudgement.isKnown(VERSION, onlyIf(List.of("tag"), Instant.EPOCH))).isFalse();
    assertThat(ReadJudgement.isKnown(VERSION, onlyIf(List.of("*"), Instant.EPOCH))).isFalse();
    assertThat(ReadJudgement.isKnown(VERSION, onlyIf(List.of(), SHOWN))).isFalse();
    assertThatThrownBy(() -> ReadJudgement.isKnown(VERSION, onlyIf(List.of("x"), SHOWN)))
        .hasMessageContaining("If-Match");
    assertThatThrownBy(
            () -> ReadJudgement.isKnown(VERSION, onlyIf(List.of(), SHOWN.minusSeconds(1))))
        .hasMessageContaining("If-Unmodified-Since");
  }

  private static ReadCondition unless(List<String> tags, Instant date) {
    return new ReadCondition(
        List.of(), tags, Optional.of(date), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static ReadCondition onlyIf(List<String> tags, Instant date) {
    return new ReadCondition(
        tags, List.of(), Optional.empty(), Optional.of(date), Optional.empty(), Optional.empty());
  }
}
