package io.datawarehouse.web.metric;

import io.datawarehouse.kernel.metric.RequestTraffic;
import io.datawarehouse.sdk.metric.Metrics;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.Route;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Times requests by route, method and class of status, and counts the bytes of bodies. Thread-safe.
 */
public final class RequestMeter {

  private static final int STATUS_CLASSES = 6;

  private final Metrics metrics;
  private final RequestTraffic traffic;
  private final Map<Route, Instruments> instruments = new ConcurrentHashMap<>();

  /** Makes a meter. */
  public RequestMeter(Metrics metrics, RequestTraffic traffic) {
    this.metrics = metrics;
    this.traffic = traffic;
  }

  /** A request begins. */
  public void begin() {
    traffic.begin();
  }

  /** A request has ended. */
  public void end(Exchange exchange) {
    long took = exchange.elapsedNanos();
    traffic.end(took);
    Instruments of = instruments.get(exchange.route());
    if (of == null) {
      of = instruments.computeIfAbsent(exchange.route(), Instruments::new);
    }
    of.timer(exchange.status() / 100).record(took);
    if (exchange.bytesIn() > 0) {
      of.bytesIn.add(exchange.bytesIn());
    }
    if (exchange.bytesOut() > 0) {
      of.bytesOut.add(exchange.bytesOut());
    }
  }

  /** The instruments of one route. */
  private final class Instruments {

    private final Map<String, String> tags;
    private final AtomicReferenceArray<Metrics.Timer> timers =
        new AtomicReferenceArray<>(STATUS_CLASSES);
    private final Metrics.Counter bytesIn;
    private final Metrics.Counter bytesOut;

    Instruments(Route route) {
      tags = Map.of("route", route.template(), "method", route.method());
      bytesIn = metrics.counter("http.request.bytes", "Bytes of request bodies", tags);
      bytesOut = metrics.counter("http.response.bytes", "Bytes of blobs that were sent", tags);
    }

    Metrics.Timer timer(int statusClass) {
      int index = statusClass < STATUS_CLASSES ? statusClass : 0;
      Metrics.Timer timer = timers.get(index);
      if (timer == null) {
        timer =
            metrics.timer(
                "http.requests",
                "Requests, from the first look to the last byte of the answer",
                Map.of(
                    "route",
                    tags.getOrDefault("route", ""),
                    "method",
                    tags.getOrDefault("method", ""),
                    "status",
                    index + "xx"));
        timers.set(index, timer);
      }
      return timer;
    }
  }
}
