package io.datawarehouse.kernel.pipeline;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.sdk.transform.ContentTransformer.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Finds the transformers that are running now by the names in pipelines. Thread-safe. */
final class TransformerCatalog {

  private static final int MOST_COMPRESSIONS = 7;

  private final Supplier<List<ContentTransformer>> running;

  TransformerCatalog(Supplier<List<ContentTransformer>> running) {
    this.running = running;
  }

  /** Returns the ids of all transformers, sorted. */
  List<String> ids() {
    return running.get().stream().map(ContentTransformer::id).sorted().distinct().toList();
  }

  /** Returns the pipeline, or throws what is wrong with it as the setting of a bucket. */
  Pipeline requireValid(List<String> names) {
    List<Pipeline.Stage> stages = new ArrayList<>();
    for (String name : names) {
      stages.add(findExactly(name).orElseThrow(() -> unknown(name)));
    }
    Pipeline pipeline = new Pipeline(names, stages);
    requireOrder(pipeline);
    return pipeline;
  }

  /** Returns the pipeline for content that is written now. */
  Pipeline forWriting(List<String> names) {
    List<Pipeline.Stage> stages = new ArrayList<>();
    for (String name : names) {
      stages.add(findExactly(name).orElseThrow(() -> missing(name, "nothing was stored")));
    }
    return new Pipeline(names, stages);
  }

  /** Returns the pipeline of stored content, whatever variants are known today. */
  Pipeline forReading(List<String> names) {
    List<Pipeline.Stage> stages = new ArrayList<>();
    for (String name : names) {
      stages.add(
          find(name)
              .orElseThrow(
                  () -> missing(name, "the content is safe, and readable when it is back")));
    }
    return new Pipeline(names, stages);
  }

  private Optional<Pipeline.Stage> findExactly(String name) {
    return find(name)
        .filter(
            stage ->
                stage.variant().isEmpty()
                    || stage.transformer().variants().contains(stage.variant().get()));
  }

  /** An id is meant before a variant of a shorter one, and a longer id before a shorter. */
  private Optional<Pipeline.Stage> find(String name) {
    Optional<Pipeline.Stage> best = Optional.empty();
    int length = 0;
    for (ContentTransformer transformer : running.get()) {
      String id = transformer.id();
      if (name.equals(id)) {
        return Optional.of(new Pipeline.Stage(transformer, Optional.empty()));
      }
      if (id.length() > length && name.startsWith(id + "-")) {
        best =
            Optional.of(
                new Pipeline.Stage(transformer, Optional.of(name.substring(id.length() + 1))));
        length = id.length();
      }
    }
    return best;
  }

  private static void requireOrder(Pipeline pipeline) {
    boolean encrypted = false;
    for (Pipeline.Stage stage : pipeline.stages()) {
      if (encrypted) {
        throw WarehouseException.invalid(
            "pipeline",
            String.join(",", pipeline.names()),
            "compressions come first, then at most one encryption");
      }
      encrypted = stage.transformer().kind() == Kind.ENCRYPTION;
    }
    if (pipeline.compressions().size() > MOST_COMPRESSIONS) {
      throw WarehouseException.invalid(
          "pipeline", String.join(",", pipeline.names()), "use at most 7 compressions");
    }
  }

  private WarehouseException unknown(String name) {
    List<String> known = ids();
    return WarehouseException.invalid(
        StandardErrorCode.SETTING_UNSUPPORTED,
        "pipeline",
        name,
        "no transformer plugin of that name is installed; known are "
            + (known.isEmpty() ? "none" : String.join(", ", known)));
  }

  private static WarehouseException missing(String name, String so) {
    return new WarehouseException(
        StandardErrorCode.TRANSFORMER_MISSING,
        "transformer " + WarehouseException.shown(name) + " is not running: " + so,
        Map.of("transformer", name),
        null);
  }
}
