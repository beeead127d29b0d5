package io.datawarehouse.web.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.http.BodyLimits;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.FakeRequest;
import io.datawarehouse.web.http.ManualTicks;
import io.datawarehouse.web.http.RecordedResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyTest {

  record Inner(int count) {}

  record Thing(String name, OptionalInt size, Optional<Inner> inner) {}

  private static final String THING = "{\"name\":\"a\"}";

  private final ManualTicks ticks =
      new ManualTicks(new BodyLimits(Duration.ofSeconds(30), 0, Duration.ofSeconds(60)));

  @AfterEach
  void stop() {
    ticks.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"application/json", "Application/JSON; charset=utf-8", "application/vnd.x+json"})
  void readsJson(String type) throws IOException {
    assertThat(
            JsonBody.read(exchange(type, "{\"name\":\"a\",\"inner\":{\"count\":1}}"), Thing.class))
        .contains(new Thing("a", OptionalInt.empty(), Optional.of(new Inner(1))));
  }

  @Test
  void readsJsonWithoutAContentType() throws IOException {
    assertThat(JsonBody.require(exchange(null, "{\"name\":\"a\"}"), Thing.class).name())
        .isEqualTo("a");
  }

  @Test
  void takesNoBodyForNothing() throws IOException {
    assertThat(JsonBody.read(exchange("text/plain", ""), Thing.class)).isEmpty();
    assertThatThrownBy(() -> JsonBody.require(exchange(null, ""), Thing.class))
        .hasMessageContaining("body is empty");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "multipart/form-data", "json", "text/json"})
  void refusesOtherTypesBeforeReading(String type) {
    assertThatThrownBy(() -> JsonBody.read(exchange(type, "{}"), Thing.class))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code().name()).isEqualTo("UNSUPPORTED_MEDIA_TYPE"))
        .hasMessageContaining("Content-Type");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ | body",
        "{\"name\":1} | name",
        "{\"name\":\"a\",\"nam\":1} | nam",
        "{\"name\":\"a\",\"name\":\"b\"} | name",
        "{\"name\":\"a\",\"size\":\"1\"} | size",
        "{\"name\":\"a\",\"size\":1.5} | size",
        "{\"name\":\"a\",\"inner\":{\"count\":\"x\"}} | inner.count",
        "{\"name\":\"a\"} x | body",
        "[] | body",
        "null | body",
        "{'name':'a'} | body",
        "{\"name\":\"a\",} | body"
      })
  void namesTheFieldThatIsWrong(String json, String field) {
    assertThatThrownBy(() -> JsonBody.read(exchange(null, json), Thing.class))
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code().name()).isEqualTo("INVALID_JSON"))
        .hasMessageContaining(field);
  }

  @Test
  void refusesJsonThatIsTooDeep() {
    String deep = "{\"name\":" + "[".repeat(100) + "]".repeat(100) + "}";

    assertThatThrownBy(() -> JsonBody.read(exchange(null, deep), Thing.class))
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code().name()).isEqualTo("INVALID_JSON"));
  }

  @Test
  void refusesMoreThanTheLimit() {
    String large = " ".repeat(JsonBody.MOST_BYTES_OF_SETTINGS + 1);

    assertTooLarge(() -> JsonBody.read(exchange(null, large), Thing.class));
    assertTooLarge(() -> JsonBody.read(chunked(large), Thing.class));
  }

  @Test
  void allowsMoreWhereMoreIsNeeded() throws IOException {
    String large = " ".repeat(JsonBody.MOST_BYTES - THING.length()) + THING;

    assertThat(JsonBody.requireText(exchange(null, large), Thing.class).name()).isEqualTo("a");
    assertTooLarge(() -> JsonBody.requireText(exchange(null, large + " "), Thing.class));
    assertTooLarge(() -> JsonBody.readLarge(chunked(large + " "), Thing.class));
  }

  @Test
  void refusesABodyForWhichThereIsNoMemoryUntilOthersAreServed() throws IOException {
    JsonMemory memory = new JsonMemory(100);
    JsonBody.Size size = new JsonBody.Size(1000, 4);
    String json = "{\"name\":\"abcdefgh\"}";
    Exchange first = exchange(null, json);
    assertThat(JsonBody.read(first, Thing.class, size, memory)).isPresent();
    assertThat(memory.held()).isEqualTo(4L * json.length());

    Exchange second = exchange(null, json);
    assertThatThrownBy(() -> JsonBody.read(second, Thing.class, size, memory))
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code().name()).isEqualTo("BULKHEAD_FULL"));
    second.finish();
    first.finish();

    assertThat(memory.held()).isZero();
    Exchange third = exchange(null, json);
    assertThat(JsonBody.read(third, Thing.class, size, memory)).isPresent();
    third.finish();
  }

  @Test
  void refusesABodyForWhichThereIsNeverMemoryAsTooLarge() throws IOException {
    JsonMemory memory = new JsonMemory(100);
    JsonBody.Size size = new JsonBody.Size(1000, 6);
    Exchange exchange = exchange(null, "{\"name\":\"abcdefgh\"}");

    assertThatThrownBy(() -> JsonBody.read(exchange, Thing.class, size, memory))
        .hasMessageContaining("100 bytes")
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code().name()).isEqualTo("TOO_LARGE"));
    exchange.finish();

    assertThat(memory.held()).isZero();
  }

  @Test
  void givesBackTheMemoryOfABodyThatIsRefused() throws IOException {
    JsonMemory memory = new JsonMemory(1000);
    Exchange exchange = exchange(null, "{\"name\":1}");

    assertThatThrownBy(
            () -> JsonBody.read(exchange, Thing.class, new JsonBody.Size(1000, 4), memory))
        .hasMessageContaining("name");
    exchange.finish();

    assertThat(memory.held()).isZero();
  }

  @Test
  void takesNoMemoryForWhatIsOnlyAnnounced() {
    JsonMemory memory = new JsonMemory(1000);
    FakeRequest request = new FakeRequest().header("Content-Length", "900");
    Exchange exchange = new Exchange(request, new RecordedResponse(), ticks.watch());

    assertThatThrownBy(
            () -> JsonBody.read(exchange, Thing.class, new JsonBody.Size(1000, 4), memory))
        .hasMessageContaining("900");

    assertThat(memory.held()).isZero();
  }

  private static void assertTooLarge(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code().name()).isEqualTo("TOO_LARGE"));
  }

  private Exchange exchange(String type, String json) {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    FakeRequest request =
        new FakeRequest().body(body).header("Content-Length", Integer.toString(body.length));
    if (type != null) {
      request.header("Content-Type", type);
    }
    return new Exchange(request, new RecordedResponse(), ticks.watch());
  }

  private Exchange chunked(String json) {
    FakeRequest request =
        new FakeRequest()
            .body(json.getBytes(StandardCharsets.UTF_8))
            .header("Transfer-Encoding", "chunked");
    return new Exchange(request, new RecordedResponse(), ticks.watch());
  }
}
