package io.datawarehouse.web.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.datawarehouse.kernel.audit.AuditEvent;
import io.datawarehouse.kernel.audit.AuditEvent.Outcome;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.web.http.BodyLimits;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.FakeRequest;
import io.datawarehouse.web.http.ManualTicks;
import io.datawarehouse.web.http.RecordedResponse;
import io.datawarehouse.web.rest.ApiParts;
import io.datawarehouse.web.rest.BlobResource;
import io.datawarehouse.web.security.RoleFeature;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestAuditTest {

  private static final String TOKEN = "a-token-that-must-not-be-seen-anywhere";
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  private final ManualTicks ticks =
      new ManualTicks(new BodyLimits(Duration.ofSeconds(30), 0, Duration.ofSeconds(60)));
  private final RecordedAudit trail = new RecordedAudit();
  private final RequestAudit audit = new RequestAudit(trail);

  @AfterEach
  void end() {
    ticks.close();
  }

  @Test
  void tellsWhoDidWhatFromWhereInWhichTrace() {
    Exchange exchange = exchange("PUT", "/api/v1/load-balancing");
    exchange.admit(Role.OPERATOR);
    exchange.accountFor("load-balancing.change");
    exchange.say("{\"algorithm\":\"round-robin\"}");

    audit.done(exchange);

    assertThat(trail.events)
        .containsExactly(
            new AuditEvent(
                "operator",
                "192.0.2.7",
                "load-balancing.change",
                "PUT /load-balancing",
                Outcome.DONE,
                "",
                "{\"algorithm\":\"round-robin\"}",
                TRACE));
  }

  @Test
  void whatNeedsNoAccountIsNotRecorded() {
    Exchange exchange = exchange("GET", "/api/v1/buckets");
    exchange.admit(Role.READER);

    audit.done(exchange);
    audit.failed(exchange, new WarehouseException(StandardErrorCode.NOT_FOUND, "no bucket"));

    assertThat(trail.events).isEmpty();
  }

  @Test
  void whatFailsIsRecordedWithItsCode() {
    Exchange exchange = exchange("DELETE", "/api/v1/buckets/photos");
    exchange.admit(Role.WRITER);
    exchange.accountFor("bucket.delete");

    audit.failed(
        exchange, new WarehouseException(StandardErrorCode.BUCKET_NOT_EMPTY, "it holds 3 blobs"));

    assertThat(trail.events)
        .singleElement()
        .returns(Outcome.FAILED, AuditEvent::outcome)
        .returns("BUCKET_NOT_EMPTY", AuditEvent::code)
        .returns("it holds 3 blobs", AuditEvent::reason);
  }

  @Test
  void whoIsNotKnownIsRecordedWhateverWasAskedForAndWithoutTheToken() {
    audit.failed(
        exchange("GET", "/api/v1/buckets/photos/blobs/x"),
        new WarehouseException(
            StandardErrorCode.UNAUTHENTICATED, "the token in Authorization is not known"));

    assertThat(trail.events)
        .singleElement()
        .returns(AuditEvent.ANONYMOUS, AuditEvent::principal)
        .returns("authentication", AuditEvent::action)
        .returns(Outcome.REFUSED, AuditEvent::outcome)
        .returns("GET /buckets/photos/blobs/x", AuditEvent::target);
    assertThat(trail.events.toString()).doesNotContain(TOKEN);
  }

  @Test
  void whoLacksTheRoleIsRecordedWithWhatWasTried() {
    Exchange changing = exchange("POST", "/api/v1/cluster/nodes/n2/drain");
    changing.admit(Role.READER);
    changing.accountFor("node.drain");
    Exchange reading = exchange("GET", "/api/v1/audit");
    reading.admit(Role.READER);
    WarehouseException forbidden =
        new WarehouseException(StandardErrorCode.FORBIDDEN, "role admin is needed");

    audit.failed(changing, forbidden);
    audit.failed(reading, forbidden);

    assertThat(trail.events)
        .extracting(AuditEvent::principal, AuditEvent::action, AuditEvent::outcome)
        .containsExactly(
            tuple("reader", "node.drain", Outcome.REFUSED),
            tuple("reader", "authorization", Outcome.REFUSED));
  }

  @Test
  void everyMethodThatChangesSomethingIsAccountedForButThoseNamedHere() {
    Set<String> unaudited = new TreeSet<>();
    for (Class<?> resource : ApiParts.RESOURCES) {
      Arrays.stream(resource.getDeclaredMethods())
          .filter(method -> Set.of("PUT", "POST", "DELETE").contains(RoleFeature.methodOf(method)))
          .filter(method -> !method.isAnnotationPresent(Audited.class))
          .map(method -> resource.getSimpleName() + "." + method.getName())
          .forEach(unaudited::add);
    }

    // Blobs are the warehouse's work, too much of it for a log; a simulation changes nothing.
    assertThat(unaudited)
        .containsExactly(
            BlobResource.class.getSimpleName() + ".delete",
            BlobResource.class.getSimpleName() + ".write",
            "LoadBalancingResource.simulate");
  }

  @Test
  void whatIsAuditedIsNamedLikeActionsMustBe() {
    for (Class<?> resource : ApiParts.RESOURCES) {
      for (Method method : resource.getDeclaredMethods()) {
        Audited audited = method.getAnnotation(Audited.class);
        if (audited != null) {
          Exchange exchange = exchange("PUT", "/api/v1/x");
          exchange.accountFor(audited.value());
          audit.done(exchange);
        }
      }
    }

    assertThat(trail.events)
        .extracting(AuditEvent::action)
        .contains("bucket.create", "node.drain", "circuit.order", "key.destroy");
  }

  private Exchange exchange(String method, String path) {
    return new Exchange(
        new FakeRequest()
            .to(method, path)
            .header("Authorization", "Bearer " + TOKEN)
            .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01"),
        new RecordedResponse(),
        ticks.watch());
  }
}
