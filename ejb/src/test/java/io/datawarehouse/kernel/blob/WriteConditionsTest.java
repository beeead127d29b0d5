package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WriteConditionsTest extends BlobServiceFixture {

  private static final int WRITERS = 8;

  @BeforeEach
  void makeBucket() {
    bucket();
  }

  private void putIf(WriteCondition condition, String text) {
    write(writeOf("key", condition, Optional.empty()), content(text));
  }

  private void refused(WriteCondition condition, String header) {
    WarehouseException refused =
        failure(StandardErrorCode.PRECONDITION_FAILED, () -> putIf(condition, "never"));
    assertThat(refused.detail()).startsWith(header + " ").contains("bucket/key");
  }

  @Test
  void ifNoneMatchAnyWritesNewKeysOnly() {
    putIf(ifNoneMatch("*"), "one");

    refused(ifNoneMatch("*"), "If-None-Match");
    assertThat(get("key")).isEqualTo("one");
  }

  @Test
  void ifMatchWritesOverThatVersionOnly() {
    refused(ifMatch(sha256("one")), "If-Match");
    refused(ifMatch("*"), "If-Match");
    put("key", "one");

    putIf(ifMatch("other", sha256("one")), "two");
    putIf(ifMatch("*"), "three");

    refused(ifMatch(sha256("one")), "If-Match");
    assertThat(get("key")).isEqualTo("three");
  }

  @Test
  void ifNoneMatchTagRefusesThatVersionOnly() {
    put("key", "one");

    refused(ifNoneMatch(sha256("one")), "If-None-Match");
    putIf(ifNoneMatch(sha256("two")), "three");

    assertThat(get("key")).isEqualTo("three");
  }

  @Test
  void aConditionIsJudgedAgainInsideTheCommit() {
    store.beforeChange =
        () -> {
          store.beforeChange = () -> {};
          put("key", "faster");
        };

    refused(ifNoneMatch("*"), "If-None-Match");

    assertThat(get("key")).isEqualTo("faster");
  }

  @Test
  void ofManyWritersWithOneConditionOneWins() throws Exception {
    put("key", "start");
    for (int round = 0; round < 50; round++) {
      String before = describe("key").etag();
      int current = round;

      List<Optional<WarehouseException>> outcomes =
          together(writer -> putIf(ifMatch(before), "round " + current + " writer " + writer));

      assertThat(outcomes.stream().filter(Optional::isEmpty)).as("round %d", round).hasSize(1);
      assertThat(outcomes.stream().flatMap(Optional::stream))
          .allMatch(refused -> refused.code() == StandardErrorCode.PRECONDITION_FAILED);
    }
  }

  private interface Writer {
    void write(int number);
  }

  private static List<Optional<WarehouseException>> together(Writer writer) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(WRITERS);
    try {
      CyclicBarrier start = new CyclicBarrier(WRITERS);
      List<Future<Optional<WarehouseException>>> futures = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        int number = i;
        Callable<Optional<WarehouseException>> task =
            () -> {
              start.await(60, TimeUnit.SECONDS);
              try {
                writer.write(number);
                return Optional.empty();
              } catch (WarehouseException e) {
                return Optional.of(e);
              }
            };
        futures.add(executor.submit(task));
      }
      List<Optional<WarehouseException>> outcomes = new ArrayList<>();
      for (Future<Optional<WarehouseException>> future : futures) {
        outcomes.add(future.get(60, TimeUnit.SECONDS));
      }
      return outcomes;
    } finally {
      executor.shutdownNow();
    }
  }
}
