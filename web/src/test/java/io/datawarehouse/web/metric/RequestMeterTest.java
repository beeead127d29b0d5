package io.datawarehouse.web.metric;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.kernel.metric.RequestTraffic;
import io.datawarehouse.testkit.kernel.RecordingMetrics;
import io.datawarehouse.web.http.BodyLimits;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.FakeRequest;
import io.datawarehouse.web.http.ManualTicks;
import io.datawarehouse.web.http.RecordedResponse;
import io.datawarehouse.web.http.Route;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestMeterTest {

  private static final Route ROUTE = new Route("/buckets/{bucket}/blobs/{key}", "PUT");
  private static final Map<String, String> TAGS =
      Map.of("route", ROUTE.template(), "method", ROUTE.method());

  private final RecordingMetrics metrics = new RecordingMetrics();
  private final RequestTraffic traffic = new RequestTraffic(System::nanoTime);
  private final RequestMeter meter = new RequestMeter(metrics, traffic);
  private final ManualTicks ticks =
      new ManualTicks(new BodyLimits(Duration.ofSeconds(30), 0, Duration.ofSeconds(60)));

  @AfterEach
  void stop() {
    ticks.close();
  }

  @Test
  void countsBytesByRoute() throws IOException {
    Exchange exchange = exchange(201, new byte[5]);
    exchange.enter(ROUTE);
    meter.begin();
    exchange.body().readAllBytes();
    exchange.sent(7);
    meter.end(exchange);

    assertThat(metrics.count("http.request.bytes", TAGS)).isEqualTo(5);
    assertThat(metrics.count("http.response.bytes", TAGS)).isEqualTo(7);
  }

  @Test
  void knowsHowManyRequestsAreUnderWay() {
    meter.begin();
    meter.begin();
    assertThat(traffic.active()).isEqualTo(2);
    meter.end(exchange(404, new byte[0]));
    assertThat(traffic.active()).isEqualTo(1);
  }

  private Exchange exchange(int status, byte[] body) {
    RecordedResponse response = new RecordedResponse();
    response.status(status);
    return new Exchange(
        new FakeRequest().body(body).header("Content-Length", Integer.toString(body.length)),
        response,
        ticks.watch());
  }
}
