package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(RestNode.class)
class ConditionsIT {

  private static final String CONTENT = "0123456789";
  private static final String LONG_AGO = "Sun, 06 Nov 1994 08:49:37 GMT";
  private static final String FAR_AHEAD = "Sat, 06 Nov 2094 08:49:37 GMT";

  private final Client node;
  private String path = "";
  private Map<String, String> words = Map.of();

  ConditionsIT(Client node) {
    this.node = node;
  }

  @BeforeEach
  void store() throws IOException {
    path = node.newBucket() + "/blobs/a";
    node.put(path, CONTENT);
    Answer stored = node.send("HEAD", path, null);
    words =
        Map.of(
            "TAG",
            stored.header("ETag").orElseThrow(),
            "SHOWN",
            stored.header("Last-Modified").orElseThrow(),
            "PAST",
            LONG_AGO,
            "FUTURE",
            FAR_AHEAD);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "If-Match: TAG | 200",
        "If-Match: * | 200",
        "If-Match: \"x\", TAG | 200",
        "If-Match: \"x\" | 412",
        "If-Match: W/TAG | 412",
        "If-Match: x | 400",
        "If-None-Match: TAG | 304",
        "If-None-Match: W/TAG | 304",
        "If-None-Match: \"x\" , TAG | 304",
        "If-None-Match: * | 304",
        "If-None-Match: \"x\" | 200",
        "If-None-Match: \"x | 400",
        "If-Modified-Since: SHOWN | 304",
        "If-Modified-Since: FUTURE | 304",
        "If-Modified-Since: PAST | 200",
        "If-Modified-Since: never | 200",
        "If-Unmodified-Since: SHOWN | 200",
        "If-Unmodified-Since: FUTURE | 200",
        "If-Unmodified-Since: PAST | 412",
        "If-Unmodified-Since: never | 200",
        "If-None-Match: \"x\" & If-Modified-Since: FUTURE | 200",
        "If-Match: TAG & If-Unmodified-Since: PAST | 200",
        "If-Match: TAG & If-None-Match: TAG | 304",
        "If-Match: \"x\" & If-None-Match: TAG | 412"
      })
  void judgesReadsAsTheRfcSays(String headers, int status) throws IOException {
    String[] lines = filled(headers).split(" & ");

    Answer get = node.get(path, lines);
    assertThat(get.status()).isEqualTo(status);
    assertThat(node.send("HEAD", path, null, lines).status()).isEqualTo(status);
    if (status == 304) {
      assertThat(get.header("ETag")).contains(words.get("TAG"));
      assertThat(get.header("Last-Modified")).contains(words.get("SHOWN"));
      assertThat(get.header("DW-Context")).isPresent();
      assertThat(get.body()).isEmpty();
    }
    if (status == 412) {
      assertThat(get.code()).isEqualTo("PRECONDITION_FAILED");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "If-None-Match: * | 412",
        "If-None-Match: TAG | 412",
        "If-None-Match: \"x\" | 200",
        "If-Match: TAG | 200",
        "If-Match: \"x\", TAG | 200",
        "If-Match: * | 200",
        "If-Match: \"x\" | 412",
        "If-Match: W/TAG | 412",
        "If-Match: nonsense | 400"
      })
  void judgesWritesOfWhatIsThere(String header, int status) throws IOException {
    assertThat(node.put(path, "new", filled(header)).status()).isEqualTo(status);
    assertThat(node.get(path).text()).isEqualTo(status == 200 ? "new" : CONTENT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "If-None-Match: * | 201",
        "If-None-Match: \"x\" | 201",
        "If-Match: * | 412",
        "If-Match: \"x\" | 412"
      })
  void judgesWritesOfWhatIsNotThere(String header, int status) throws IOException {
    assertThat(node.put(path + "-new", "new", header).status()).isEqualTo(status);
    assertThat(node.get(path + "-new").status()).isEqualTo(status == 201 ? 200 : 404);
  }

  @Test
  void judgesDeletes() throws IOException {
    assertThat(node.delete(path, "If-Match: \"x\"").status()).isEqualTo(412);
    assertThat(node.get(path).status()).isEqualTo(200);
    assertThat(node.delete(path, filled("If-Match: TAG")).status()).isEqualTo(204);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bytes=0-0 | bytes 0-0/10 | 0",
        "bytes=2-4 | bytes 2-4/10 | 234",
        "bytes=7- | bytes 7-9/10 | 789",
        "bytes=-2 | bytes 8-9/10 | 89",
        "bytes=-99 | bytes 0-9/10 | 0123456789",
        "bytes=5-99999999999999999999 | bytes 5-9/10 | 56789",
        "BYTES=1-1 | bytes 1-1/10 | 1"
      })
  void givesAPart(String range, String contentRange, String content) throws IOException {
    Answer answer = node.get(path, "Range: " + range);

    assertThat(answer.status()).isEqualTo(206);
    assertThat(answer.header("Content-Range")).contains(contentRange);
    assertThat(answer.header("Content-Length")).contains(Integer.toString(content.length()));
    assertThat(answer.text()).isEqualTo(content);
    assertThat(answer.header("ETag")).contains(words.get("TAG"));
    assertThat(answer.header("Content-Digest")).isEmpty();
    assertThat(answer.header("Repr-Digest")).isPresent();
    assertToldByHead(answer, "Range: " + range);
  }

  @ParameterizedTest
  @CsvSource({"bytes=10-", "bytes=10-20", "bytes=99999999999999999999-", "bytes=-0"})
  void refusesAPartThatDoesNotExist(String range) throws IOException {
    Answer answer = node.get(path, "Range: " + range);

    assertThat(answer.status()).isEqualTo(416);
    assertThat(answer.code()).isEqualTo("RANGE_NOT_SATISFIABLE");
    assertThat(answer.header("Content-Range")).contains("bytes */10");
    assertToldByHead(answer, "Range: " + range);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"bytes=0-1,3-4", "pages=1-2", "bytes=0-0, -1"})
  void givesTheWholeForRangesThatItNeedNotKnow(String range) throws IOException {
    Answer answer = node.get(path, "Range: " + range);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo(CONTENT);
    assertToldByHead(answer, "Range: " + range);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"bytes", "bytes=", "bytes=a-b", "bytes=4-2", "bytes=-", "bytes=1-2,x"})
  void refusesMalformedRanges(String range) throws IOException {
    Answer answer = node.get(path, "Range: " + range);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("detail").asText()).contains("Range");
    assertToldByHead(answer, "Range: " + range);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "TAG | 206",
        "\"x\" | 200",
        "W/TAG | 200",
        "SHOWN | 206",
        "PAST | 200",
        "nonsense | 200"
      })
  void givesAPartOfTheVersionThatIsMeantAlone(String ifRange, int status) throws IOException {
    Answer answer = node.get(path, "Range: bytes=1-2", "If-Range: " + filled(ifRange));

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text()).isEqualTo(status == 206 ? "12" : CONTENT);
    assertToldByHead(answer, "Range: bytes=1-2", "If-Range: " + filled(ifRange));
  }

  @Test
  void judgesConditionsBeforeTheRange() throws IOException {
    for (String condition :
        new String[] {"If-Match: \"x\"", filled("If-None-Match: TAG"), filled("If-Match: TAG")}) {
      assertToldByHead(
          node.get(path, condition, "Range: bytes=20-"), condition, "Range: bytes=20-");
    }
  }

  /** HEAD answers what GET does, but for the content. */
  private void assertToldByHead(Answer get, String... headers) throws IOException {
    Answer head = node.send("HEAD", path, null, headers);

    assertThat(head.status()).isEqualTo(get.status());
    for (String name :
        new String[] {
          "ETag", "Content-Range", "Content-Length", "Content-Digest", "Repr-Digest", "Content-Type"
        }) {
      if (!name.equals("Content-Length") || get.status() < 300) {
        assertThat(head.header(name)).as(name).isEqualTo(get.header(name));
      }
    }
  }

  private String filled(String text) {
    String filled = text;
    for (Map.Entry<String, String> word : words.entrySet()) {
      filled = filled.replace(word.getKey(), word.getValue());
    }
    return filled;
  }
}
