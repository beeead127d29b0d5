package io.datawarehouse.kernel.pipeline;

import io.datawarehouse.sdk.transform.ContentTransformer;
import io.datawarehouse.sdk.transform.ContentTransformer.Kind;
import java.util.List;
import java.util.Optional;

/**
 * Transformers in their order: compressions, then at most one encryption. Immutable.
 *
 * @param names as the bucket or manifest has them
 * @param stages the transformers of these names
 */
record Pipeline(List<String> names, List<Stage> stages) {

  /**
   * A named transformer.
   *
   * @param transformer what does the work
   * @param variant how it is told to encode
   */
  record Stage(ContentTransformer transformer, Optional<String> variant) {}

  Pipeline {
    names = List.copyOf(names);
    stages = List.copyOf(stages);
  }

  List<Stage> compressions() {
    return stages.stream().filter(stage -> stage.transformer.kind() == Kind.COMPRESSION).toList();
  }

  Optional<Stage> encryption() {
    return stages.stream().filter(stage -> stage.transformer.kind() == Kind.ENCRYPTION).findFirst();
  }

  /** Returns the most bytes that a buffer has to take while a frame is worked on. */
  int mostBytes(int frameBytes) {
    int most = frameBytes;
    for (Stage stage : compressions()) {
      most = Math.max(most, stage.transformer.mostEncodedBytes(frameBytes));
    }
    most += FrameLayout.MASK_BYTES;
    return FrameLayout.LENGTH_BYTES + Math.max(most, mostStoredBytes(frameBytes));
  }

  /** Returns the most bytes that the body of a frame has in the store. */
  int mostStoredBytes(int frameBytes) {
    int body = frameBytes + FrameLayout.MASK_BYTES;
    return encryption().map(stage -> stage.transformer.mostEncodedBytes(body)).orElse(body);
  }
}
