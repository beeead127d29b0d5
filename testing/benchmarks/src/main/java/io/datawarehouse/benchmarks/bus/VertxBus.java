package io.datawarehouse.benchmarks.bus;

import io.datawarehouse.benchmarks.report.Subject;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** The event bus of Vert.x, not clustered, with one consumer on each of its event loops. */
final class VertxBus implements AutoCloseable {

  private final Vertx vertx;
  private final List<Context> contexts = new CopyOnWriteArrayList<>();
  private final ExecutorService requesters = Executors.newCachedThreadPool();

  VertxBus(int loops) throws Exception {
    vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(loops));
    AtomicInteger numbers = new AtomicInteger();
    vertx
        .deployVerticle(
            () ->
                new AbstractVerticle() {
                  @Override
                  public void start() {
                    contexts.add(context);
                    vertx
                        .eventBus()
                        .<String>consumer(
                            "bench." + numbers.getAndIncrement(),
                            message -> message.reply(message.body()));
                  }
                },
            new DeploymentOptions().setInstances(loops))
        .toCompletionStage()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }

  /** On each loop so many chains of requests, each sent when the one before is answered. */
  Subject onTheLoop(String name, int threads, int window) {
    return new Subject() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Measured run(Duration time) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        List<Chain> chains = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          for (int j = 0; j < window; j++) {
            chains.add(new Chain(vertx.eventBus(), "bench." + i, stop));
          }
        }
        long begin = System.nanoTime();
        for (int i = 0; i < chains.size(); i++) {
          Chain chain = chains.get(i);
          contexts.get(i / window).runOnContext(nothing -> chain.next());
        }
        Thread.sleep(time.toMillis());
        stop.set(true);
        long done = 0;
        for (Chain chain : chains) {
          done += chain.end.get(10, TimeUnit.SECONDS);
        }
        return new Measured(done * 1e9 / (System.nanoTime() - begin), 0, 0);
      }
    };
  }

  /** Confined to its event loop. */
  private static final class Chain {
    private final EventBus bus;
    private final String address;
    private final AtomicBoolean stop;
    private final CompletableFuture<Long> end = new CompletableFuture<>();
    private long count;

    Chain(EventBus bus, String address, AtomicBoolean stop) {
      this.bus = bus;
      this.address = address;
      this.stop = stop;
    }

    void next() {
      if (stop.get()) {
        end.complete(count);
        return;
      }
      bus.<String>request(address, "ping")
          .onComplete(
              reply -> {
                if (reply.failed()) {
                  end.completeExceptionally(reply.cause());
                  return;
                }
                count += reply.result().body().length() == 4 ? 1 : 0;
                next();
              });
    }
  }

  /** Each thread of the application keeps so many requests under way. */
  Subject fromThreads(String name, int threads, int window) {
    return new Subject() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Measured run(Duration time) throws Exception {
        return Threads.run(
            requesters,
            threads,
            time,
            (number, stop) -> sendFromThread("bench." + number, window, stop));
      }
    };
  }

  private long sendFromThread(String address, int window, AtomicBoolean stop)
      throws InterruptedException {
    Semaphore room = new Semaphore(window);
    LongAdder answered = new LongAdder();
    CompletableFuture<Void> failure = new CompletableFuture<>();
    while (!stop.get() && !failure.isDone()) {
      room.acquire();
      vertx
          .eventBus()
          .<String>request(address, "ping")
          .onComplete(
              reply -> {
                if (reply.failed()) {
                  failure.completeExceptionally(reply.cause());
                } else if (reply.result().body().length() == 4) {
                  answered.increment();
                }
                room.release();
              });
    }
    room.acquire(window);
    failure.getNow(null);
    return answered.sum();
  }

  @Override
  public void close() {
    requesters.shutdown();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
