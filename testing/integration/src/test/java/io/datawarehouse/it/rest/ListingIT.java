package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(RestNode.class)
class ListingIT {

  /** In the order of their UTF-8 bytes, which is not that of Java's characters. */
  private static final List<String> KEYS =
      List.of("A", "a", "a/1", "a/2", "a/b/3", "b c", "b/1", "ä", "\uFFFD", "😀");

  private final Client node;
  private String bucket = "";

  ListingIT(Client node) {
    this.node = node;
  }

  @BeforeEach
  void store() throws IOException {
    bucket = node.newBucket();
    for (int i = KEYS.size() - 1; i >= 0; i--) {
      String key = encoded(KEYS.get(i)).replace("%2F", "/").replace("+", "%20");
      assertThat(node.put(bucket + "/blobs/" + key, KEYS.get(i)).status()).isEqualTo(201);
    }
  }

  @Test
  void listsInTheOrderOfBytes() throws IOException {
    JsonNode page = list("");

    assertThat(keys(page)).isEqualTo(KEYS);
    assertThat(page.get("prefixes")).isEmpty();
    assertThat(page.has("next")).isFalse();
    assertThat(page.get("blobs").get(0)).isEqualTo(node.get(bucket + "/manifests/A").json());
  }

  @Test
  void goesOnWhereAPageEnded() throws IOException {
    for (int limit = 1; limit <= KEYS.size() + 1; limit++) {
      List<String> all = new ArrayList<>();
      String after = "";
      while (true) {
        JsonNode page = list("limit=" + limit + after);
        assertThat(page.get("blobs").size()).isLessThanOrEqualTo(limit);
        all.addAll(keys(page));
        if (!page.has("next")) {
          break;
        }
        after = "&after=" + encoded(page.get("next").asText());
      }
      assertThat(all).as("limit " + limit).isEqualTo(KEYS);
    }
  }

  @Test
  void rollsUpAtADelimiter() throws IOException {
    JsonNode page = list("delimiter=/");
    assertThat(keys(page)).containsExactly("A", "a", "b c", "ä", "\uFFFD", "😀");
    assertThat(texts(page.get("prefixes"))).containsExactly("a/", "b/");

    JsonNode below = list("delimiter=/&prefix=a/");
    assertThat(keys(below)).containsExactly("a/1", "a/2");
    assertThat(texts(below.get("prefixes"))).containsExactly("a/b/");
  }

  @Test
  void goesOnAcrossRolledUpPrefixes() throws IOException {
    List<String> all = new ArrayList<>();
    String after = "";
    while (true) {
      JsonNode page = list("delimiter=%2F&limit=1" + after);
      all.addAll(keys(page));
      all.addAll(texts(page.get("prefixes")));
      if (!page.has("next")) {
        break;
      }
      after = "&after=" + encoded(page.get("next").asText());
    }
    assertThat(all).containsExactly("A", "a", "a/", "b c", "b/", "ä", "\uFFFD", "😀");
  }

  @Test
  void startsBehindAKey() throws IOException {
    assertThat(keys(list("after=b+c"))).containsExactly("b/1", "ä", "\uFFFD", "😀");
    assertThat(keys(list("prefix=b%20"))).containsExactly("b c");
    assertThat(keys(list("prefix=zzz"))).isEmpty();
    assertThat(keys(list("prefix=a/&after=a/1&limit=1"))).containsExactly("a/2");
  }

  @ParameterizedTest
  @CsvSource({
    "limit=0, limit",
    "limit=1001, limit",
    "limit=abc, limit",
    "limit=-1, limit",
    "limit=, limit",
    "limit=1&limit=2, limit",
    "prefix=a&prefix=b, prefix",
    "delimiter=, delimiter",
    "foo=bar, foo",
    "prefix=%zz, prefix",
    "prefix=%ff, prefix"
  })
  void refusesBadParametersNamingThem(String query, String name) throws IOException {
    Answer answer = node.get(bucket + "/blobs?" + query);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("INVALID_ARGUMENT");
    assertThat(answer.json().get("detail").asText()).contains(name);
  }

  private JsonNode list(String query) throws IOException {
    Answer answer = node.get(bucket + "/blobs" + (query.isEmpty() ? "" : "?" + query));
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    return answer.json();
  }

  private static List<String> keys(JsonNode page) {
    List<String> keys = new ArrayList<>();
    page.get("blobs").forEach(blob -> keys.add(blob.get("key").asText()));
    return keys;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
