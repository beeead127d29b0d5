package io.datawarehouse.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntityTagsTest {

  private static final String HEADER = "If-Match";

  @Test
  void readsLists() {
    assertThat(strong("\"a\"")).containsExactly("a");
    assertThat(strong("\"a\" ,\t\"b,c\",\"\"")).containsExactly("a", "b,c", "");
    assertThat(strong("*")).containsExactly("*");
    assertThat(EntityTags.strong(Optional.empty(), HEADER)).isEmpty();
  }

  @Test
  void neverMatchesAWeakTagStrongly() {
    assertThat(strong("W/\"a\"")).hasSize(1).doesNotContain("a", "*");
    assertThat(EntityTags.weak(Optional.of("W/\"a\", \"b\""), HEADER)).containsExactly("a", "b");
  }

  @Test
  void tellsATagFromADate() {
    assertThat(EntityTags.single("\"a\"", "If-Range")).contains("a");
    assertThat(EntityTags.single("Mon, 23 Nov 2026 09:00:00 GMT", "If-Range")).isEmpty();
    assertThat(EntityTags.single("W/\"a\"", "If-Range").orElseThrow()).isNotEqualTo("a");
    assertThatThrownBy(() -> EntityTags.single("\"a\", \"b\"", "If-Range"))
        .hasMessageContaining("If-Range");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "\"",
        "\"a",
        "a\"",
        "'a'",
        "\"a\" \"b\"",
        "\"a\",",
        ",\"a\"",
        "*, \"a\"",
        "\"a\", *",
        "w/\"a\"",
        "W/a",
        "W/ \"a\"",
        "\"a b\"",
        "\"a\tb\"",
        "**"
      })
  void refusesMalformedListsNamingTheHeader(String value) {
    assertThatThrownBy(() -> strong(value))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining(HEADER);
  }

  private static List<String> strong(String value) {
    return EntityTags.strong(Optional.of(value), HEADER);
  }
}
